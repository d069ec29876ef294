import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("contract_settlement", {
    steps: () => [
        {
            content: "the contract says what is next",
            trigger: "div[name=contract_next] button[name=action_contract_settle]",
            run: "click",
        },
        {
            content: "the retention is kept back, nothing is due",
            trigger: "div[name=retention_amount]:contains(100)",
        },
        {
            content: "what was delivered stands by line",
            trigger: "div[name=line_ids] .o_data_row:contains(Pump)",
        },
        {
            trigger: ".o_notebook .nav-link[name=deductions]",
            run: "click",
        },
        {
            trigger: "div[name=deduction_ids] a:contains(Add a line)",
            run: "click",
        },
        {
            trigger: "div[name=deduction_ids] div[name=basis] input",
            run: "edit Clause 9",
        },
        {
            trigger: "div[name=deduction_ids] div[name=amount] input",
            run: "edit 10",
        },
        {
            trigger: ".o_form_button_save:enabled",
            run: "click",
        },
        {
            content: "what is kept back stays, ten are paid back now",
            trigger: "div[name=due_amount]:contains(-10)",
        },
        {
            content: "why it is settled although something is due",
            trigger: ".o_notebook .nav-link[name=balance]",
            run: "click",
        },
        {
            trigger: "div[name=balance_reason] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_menu .o_select_menu_item:contains(To be refunded)",
            run: "click",
        },
        {
            trigger: "div[name=balance_note] textarea",
            run: "edit The penalty of clause 9 is paid back",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_submit]:enabled",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains(Submitted)",
        },
    ],
});

registry.category("web_tour.tours").add("contract_settlement_decide", {
    steps: () => [
        {
            trigger: ".o_statusbar_buttons button[name=action_approve]:enabled",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains(Confirmed)",
        },
    ],
});
