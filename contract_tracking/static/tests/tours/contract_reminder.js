import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("contract_reminder", {
    steps: () => [
        {
            content: "the contract is overdue: remind the customer",
            trigger: ".o_form_view button[name=action_contract_remind]:enabled",
            run: "click",
        },
        {
            content: "the letter says by itself what is overdue",
            trigger:
                ".o_form_view .o_field_widget[name=claimed_html]:contains(1,000.00)",
        },
        {
            content: "to the customer",
            trigger:
                ".o_field_widget[name=reply_ids] .o_data_row:contains(Yangtze Pumps)",
        },
        {
            content: "see it before it goes",
            trigger: ".o_statusbar_buttons button[name=action_send]:enabled",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=letters]",
        },
        {
            content: "send it",
            trigger: ".modal .modal-footer button[name=action_send]",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains(Waiting for reply)",
        },
        {
            content: "what it asked for stays",
            trigger:
                ".o_form_view .o_field_widget[name=claimed_html]:contains(1,000.00)",
        },
    ],
});
