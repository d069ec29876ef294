import {registry} from "@web/core/registry";

function openMenu(xmlid) {
    return [
        {
            trigger:
                ".o_menu_sections [data-menu-xmlid='contract_tracking.contract_menu_money']",
            run: "click",
        },
        {
            trigger: `.o-dropdown--menu [data-menu-xmlid='contract_tracking.${xmlid}']`,
            run: "click",
        },
    ];
}

registry.category("web_tour.tours").add("contract_claim", {
    steps: () => [
        {
            trigger: ".o_list_view .o_data_row",
        },
        ...openMenu("contract_menu_receipts"),
        {
            content: "the money that nobody has claimed",
            trigger: ".o_data_row:contains(Yangtze Pumps) td[name=unclaimed]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=unclaimed]:contains(350)",
        },
        {
            content: "claim it",
            trigger: ".o_statusbar_buttons button[name=action_claim]:enabled",
            run: "click",
        },
        {
            content: "for his contract",
            trigger: ".modal .o_field_widget[name=line_ids] .o_data_row td[name=order_id]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=order_id] input",
            run: "edit TOUR-1",
        },
        {
            content: "found by the number on its paper",
            trigger: ".ui-autocomplete a:contains(Yangtze Pumps)",
            run: "click",
        },
        {
            content: "so much of it",
            trigger: ".modal .o_field_widget[name=amount] input",
            run: "edit 300",
        },
        {
            content: "fifty are left",
            trigger: ".modal .o_field_widget[name=summary]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=summary]:contains(50.00)",
        },
        {
            content: "for the deposit, once the contract is known",
            trigger: ".modal .o_field_widget[name=line_ids] .o_data_row td[name=term_id]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=term_id] input",
            run: "edit Deposit",
        },
        {
            trigger: ".ui-autocomplete a:contains(Deposit)",
            run: "click",
        },
        {
            trigger: ".modal .modal-footer button[name=action_claim]",
            run: "click",
        },
        {
            content: "the receipt shows whose it is",
            trigger:
                ".o_form_view .o_field_widget[name=claim_ids] .o_data_row:contains(Deposit)",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=unclaimed]:contains(50.00)",
        },
    ],
});

registry.category("web_tour.tours").add("contract_claim_received", {
    steps: () => [
        {
            content: "the contract knows what it received",
            trigger: ".o_notebook .nav-link[name=contract]",
            run: "click",
        },
        {
            trigger:
                ".o_field_widget[name=contract_received_amount]:contains(300.00)",
        },
        {
            content: "and for which promise",
            trigger:
                ".o_field_widget[name=contract_term_ids] .o_data_row:contains(Deposit):contains(300.00)",
        },
    ],
});

registry.category("web_tour.tours").add("contract_claim_confirm", {
    steps: () => [
        {
            trigger: ".o_list_view .o_data_row",
        },
        ...openMenu("contract_menu_claims"),
        {
            content: "a claim waits for finance",
            trigger: ".o_list_view .o_data_row:contains(To confirm) td[name=amount]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_confirm]:enabled",
            run: "click",
        },
        {
            content: "it is claimed, and confirmed by somebody",
            trigger: ".o_arrow_button_current:contains(Claimed)",
        },
        {
            trigger: ".o_field_widget[name=confirmed_by_id]:contains(ct_finance)",
        },
        {
            trigger: ".o_statusbar_buttons:not(:has(button[name=action_confirm]))",
        },
    ],
});
