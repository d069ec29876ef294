import { Activity } from "@mail/core/web/activity";
import { ActivityListPopoverItem } from "@mail/core/web/activity_list_popover_item";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

/**
 * Approve or refuse the document of an activity, where the activity stands.
 *
 * @param {Component} component
 * @param {"action_contract_approve"|"action_contract_refuse"} method
 * @param {Function} onChanged called once the document may have changed
 */
async function decide(component, method, onChanged) {
    const { action, notification, orm } = component.env.services;
    const result = await orm.call("mail.activity", method, [
        [component.props.activity.id],
    ]);
    if (typeof result === "object" && result.type) {
        action.doAction(result, { onClose: onChanged });
        return;
    }
    notification.add(_t("Your decision is noted."), { type: "success" });
    await onChanged();
}

patch(Activity.prototype, {
    async onClickDecide(method) {
        const thread = this.thread;
        await decide(this, method, async () => {
            this.props.onActivityChanged(thread);
            await this.props.reloadParentView();
        });
    },
});

patch(ActivityListPopoverItem.prototype, {
    get hasCancelButton() {
        return super.hasCancelButton && !this.props.activity.contract_decision;
    },
    get hasEditButton() {
        return super.hasEditButton && !this.props.activity.contract_decision;
    },
    get hasMarkDoneButton() {
        return super.hasMarkDoneButton && !this.props.activity.contract_decision;
    },
    async onClickDecide(method) {
        await decide(this, method, () => this.props.onActivityChanged?.());
    },
});
