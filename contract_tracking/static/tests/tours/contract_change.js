import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("contract_change_ask", {
    steps: () => [
        {
            trigger: ".o_notebook .nav-link[name=contract]",
            run: "click",
        },
        {
            content: "the customer asks for other dates",
            trigger: "button[name=action_contract_change]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=change_dates] input",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=wish] textarea",
            run: "edit Three weeks later",
        },
        {
            trigger: ".o_field_widget[name=reason] textarea",
            run: "edit The site isn't ready",
        },
        {
            trigger: ".o_form_button_save:enabled",
            run: "click",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_submit]:enabled",
            run: "click",
        },
        {
            content: "legal affairs and the departments are asked",
            trigger:
                ".o_statusbar_status .o_arrow_button_current:contains(Consent Asked)",
        },
    ],
});

registry.category("web_tour.tours").add("contract_change_negotiate", {
    steps: () => [
        {
            trigger: ".o_notebook .nav-link[name=negotiation]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=negotiated_with] input",
            run: "edit Mr Li",
        },
        {
            trigger: ".o_form_button_save:enabled",
            run: "click",
        },
        {
            content: "what both sides agreed on is recorded",
            trigger: ".o_statusbar_buttons button[name=action_negotiate]:enabled",
            run: "click",
        },
        {
            content: "and carried out by a re-agreement",
            trigger: ".o_statusbar_buttons button[name=action_follow_up]:enabled",
            run: "click",
        },
        {
            trigger: ".o_breadcrumb:contains(New)",
        },
        {
            trigger: ".o_field_widget[name=change_id]",
        },
        {
            trigger: ".o_form_button_save:enabled",
            run: "click",
        },
        {
            content: "it begins with the term that was named",
            trigger: ".o_field_widget[name=line_ids] .o_data_row",
        },
    ],
});
