import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("contract_termination", {
    steps: () => [
        {
            trigger: ".o_notebook .nav-link[name=contract]",
            run: "click",
        },
        {
            content: "the contract is to end by a document",
            trigger: "button[name=action_contract_terminate]:contains(Suspend or)",
            run: "click",
        },
        {
            content: "what it rests on",
            trigger: ".o_field_widget[name=basis] select, .o_field_widget[name=basis] input",
            run: "click",
        },
        {
            trigger:
                ".o_field_widget[name=basis] option:contains(Agreed), .o_select_menu_item:contains(Agreed)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=reason] textarea",
            run: "edit The plant is not built.",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "the loss is read",
            trigger: ".o_field_widget[name=assessed_on]",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_submit]",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains(Submitted)",
        },
    ],
});
