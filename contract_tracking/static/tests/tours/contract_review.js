import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("contract_review_submit", {
    steps: () => [
        {
            content: "the quotation is reviewed before it is signed",
            trigger: ".o_statusbar_buttons button[name=action_contract_review]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=order_id]",
        },
        {
            trigger: ".o_notebook .nav-link:contains(What to Know)",
            run: "click",
        },
        {
            content: "what they should know",
            trigger: ".o_field_widget[name=note] textarea",
            run: "edit Our first order from them",
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
            content: "it waits for the departments",
            trigger:
                ".o_statusbar_status .o_arrow_button_current:contains(Being Reviewed)",
        },
    ],
});

registry.category("web_tour.tours").add("contract_review_opinion", {
    steps: () => [
        {
            content: "a yes asks for the opinion",
            trigger: ".o_statusbar_buttons button[name=action_approve]:enabled",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=review_compliance] label:contains(In order)",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=review_schedule] label:contains(Objection)",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=review_resources] label:contains(In order)",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=comment] textarea",
            run: "edit The foundry is late",
        },
        {
            content: "who objects agrees with conditions",
            trigger: ".modal .o_field_widget[name=condition_ids] a:contains(Add a line)",
            run: "click",
        },
        {
            trigger: ".modal .o_selected_row .o_field_widget[name=name] input",
            run: "edit Ask the foundry",
        },
        {
            trigger: ".modal .o_selected_row .o_field_widget[name=user_id] input",
            run: "edit review_seller",
        },
        {
            trigger: ".ui-autocomplete a:contains(review_seller)",
            run: "click",
        },
        {
            trigger: ".modal .o_selected_row .o_field_widget[name=date_deadline] input, .modal .o_selected_row .o_field_widget[name=date_deadline] button",
            run: "click",
        },
        {
            trigger: ".modal .o_selected_row .o_field_widget[name=date_deadline] input",
            run: "edit 12/31/2026 && press Tab",
        },
        {
            trigger: ".modal footer button[name=action_apply]:enabled",
            run: "click",
        },
        {
            content: "and the condition stands in the review",
            trigger: "body:not(:has(.modal)) .o_notebook .nav-link:contains(Conditions)",
        },
    ],
});
