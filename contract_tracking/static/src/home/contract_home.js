import { Component, onWillStart } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/** The first page of the app: what waits for the user, each number with its list. */
export class ContractHome extends Component {
    static template = "contract_tracking.Home";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        onWillStart(async () => {
            this.sections = await this.orm.call("contract.home", "get_home", []);
        });
    }

    waiting(section) {
        return section.items.filter((item) => item.count);
    }

    done(section) {
        return section.items.filter((item) => !item.count);
    }

    async open(item) {
        const action = await this.action.loadAction(item.action);
        await this.action.doAction({
            ...action,
            name: item.label,
            display_name: item.label,
            domain: item.domain,
            context: {},
        });
    }
}

registry.category("actions").add("contract_tracking.home", ContractHome);
