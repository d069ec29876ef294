import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("contract_receipt", {
    steps: () => [
        {
            content: "the delivery waits for the customer's signature",
            trigger: ".o_list_view .o_data_row:contains(Yangtze Pumps) td[name=name]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=move_ids]:contains(Pump)",
        },
        {
            content: "sign for it",
            trigger: ".o_form_view button[name=action_contract_receipt]:enabled",
            run: "click",
        },
        {
            content: "one of the goods was not accepted",
            trigger:
                ".modal .o_field_widget[name=move_ids] .o_data_row td[name=rejected]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=rejected] input",
            run: "edit 1",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit Flange bent",
        },
        {
            content: "the paper is in the folder",
            trigger: ".modal .o_field_widget[name=filed] input",
            run: "click",
        },
        {
            trigger:
                ".modal .o_field_widget[name=move_ids] td[name=accepted]:contains(3)",
        },
        {
            trigger: ".modal .modal-footer button[name=action_apply]",
            run: "click",
        },
        {
            content: "the delivery shows what was received",
            trigger:
                ".o_form_view .o_field_widget[name=move_ids] .o_data_row:contains(Flange bent)",
        },
        {
            trigger:
                ".o_form_view .o_field_widget[name=contract_receipt_filed] input:checked",
        },
        {
            content: "nothing is missing any more",
            trigger: ".o_back_button, .breadcrumb-item a",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_view_nocontent, .o_view_nocontent",
        },
    ],
});
