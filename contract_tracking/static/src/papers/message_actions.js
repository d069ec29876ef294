import { registerMessageAction } from "@mail/core/common/message_actions";
import { _t } from "@web/core/l10n/translation";
import { session } from "@web/session";

const MODELS = [
    "sale.order",
    "contract.frame",
    "contract.coordination",
    "contract.deviation",
    "contract.reagreement",
    "contract.tracking.record",
];

/** File a message of the chatter among the papers of its contract. */
registerMessageAction("contract-file", {
    condition: ({ message, thread }) =>
        session.contract_user && message.id > 0 && MODELS.includes(thread?.model),
    icon: "fa fa-archive",
    name: _t("File on the Contract"),
    onSelected: async ({ message, store }) => {
        const { action, orm } = store.env.services;
        action.doAction(
            await orm.call("contract.document", "action_file_message", [message.id])
        );
    },
    sequence: 65,
});
