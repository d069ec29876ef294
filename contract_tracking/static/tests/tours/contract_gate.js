import {registry} from "@web/core/registry";

function press(button) {
    return {
        trigger: `.o_statusbar_buttons button[name=${button}]:enabled`,
        run: "click",
    };
}

registry.category("web_tour.tours").add("contract_gate_held", {
    steps: () => [
        {
            content: "the warehouse sees that the delivery is held, and why",
            trigger: "div[name=contract_gate_held]:contains(is missing)",
        },
        press("button_validate"),
        {
            content: "it can't leave, the message says why and what to do",
            trigger: ".o_error_dialog .modal-body:contains(is missing)",
        },
        {
            trigger: ".o_error_dialog .modal-body:contains(Ask ct_seller)",
        },
        {
            trigger: ".o_error_dialog .modal-footer button",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
        {
            content: "ask who follows the contract",
            trigger: "div[name=contract_gate_held] button[name=action_contract_ask_owner]",
            run: "click",
        },
        {
            trigger: "div[name=contract_gate_held] span:contains(The owner was asked)",
        },
        {
            content: "once is enough",
            trigger:
                "div[name=contract_gate_held]:not(:has(button[name=action_contract_ask_owner]))",
        },
    ],
});

registry.category("web_tour.tours").add("contract_gate_apply", {
    steps: () => [
        {
            content: "the warehouse waits",
            trigger: ".o-mail-Activity:contains(is held)",
        },
        {
            trigger: ".o_notebook .nav-link[name=contract]",
            run: "click",
        },
        {
            content: "the contract says what is missing",
            trigger: "div[name=contract_gate_held]:contains(is missing)",
        },
        {
            trigger:
                "div[name=contract_gate_held] button[name=action_contract_apply_risk]",
            run: "click",
        },
        {
            content: "what is held and at stake is filled in",
            trigger: ".o_field_widget[name=risk_amount]:contains(1,000.00)",
        },
        {
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains(Pump)",
        },
        {
            trigger: ".o_field_widget[name=reason_id] input",
            run: "edit Trusted",
        },
        {
            trigger: ".ui-autocomplete a:contains(Trusted customer)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=reason] textarea",
            run: "edit He pays with the first batch.",
        },
        {
            content: "the plan says when the money comes",
            trigger: ".o_notebook .nav-link[name=repayment]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=repayment_ids] .o_data_row td[name=note]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=repayment_ids] .o_field_widget[name=note] input",
            run: "edit By bank transfer",
        },
        {
            trigger: ".o_field_widget[name=measures] textarea",
            run: "edit No other order before he has paid.",
        },
        press("action_submit"),
        {
            trigger: ".o_arrow_button_current:contains(Submitted)",
        },
    ],
});

registry.category("web_tour.tours").add("contract_gate_decide", {
    steps: () => [
        {
            content: "the decision waits in the list of decisions",
            trigger: ".o_data_row:contains(Yangtze Pumps) td[name=res_name]",
            run: "click",
        },
        {
            content: "what is to leave, why, and when the money comes",
            trigger: ".o_field_widget[name=reason]:contains(first batch)",
        },
        {
            content: "decided where it stands",
            trigger: ".o-mail-Activity .o-contract-approve",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains(Approved)",
        },
    ],
});

registry.category("web_tour.tours").add("contract_gate_ship", {
    steps: () => [
        {
            trigger: ".o_form_view .o_field_widget[name=partner_id]",
        },
        {
            content: "nothing holds it",
            trigger: ".o_form_view:not(:has(div[name=contract_gate_held]))",
        },
        press("button_validate"),
        {
            trigger: ".o_arrow_button_current:contains(Done)",
        },
    ],
});

registry.category("web_tour.tours").add("contract_gate_closed", {
    steps: () => [
        {
            trigger: ".o_arrow_button_current:contains(Closed)",
        },
        {
            content: "with date and amount",
            trigger: ".o_field_widget[name=repaid_amount]:contains(1,000.00)",
        },
        {
            trigger: ".o_notebook .nav-link[name=repayment]",
            run: "click",
        },
        {
            trigger:
                ".o_field_widget[name=repayment_ids] .o_data_row:contains(Came in)",
        },
    ],
});
