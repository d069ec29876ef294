import { registry } from "@web/core/registry";

/** A leader opens what waits for him from the clock, and decides. */
registry.category("web_tour.tours").add("contract_inbox_clock", {
    steps: () => [
        {
            trigger: ".o_contract_home .o_contract_home_item[data-key=decide]:contains(3)",
        },
        {
            trigger: ".o_menu_systray i[aria-label=Activities]",
            run: "click",
        },
        {
            trigger: ".o-mail-ActivityGroup[data-model_name='contract.deviation']",
            run: "click",
        },
        { trigger: ".o_searchview .o_facet_value:contains(My Activities)" },
        {
            content: "exactly his documents are there",
            trigger: ".o_list_view .o_data_row:nth-child(3)",
        },
        {
            trigger: ".o_list_view .o_data_row:first td[name=name]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_statusbar_buttons button[name=action_open_return]",
            run: "click",
        },
        { trigger: ".modal .modal-title:contains(Return)" },
        {
            trigger: ".modal .o_field_widget[name=comment] textarea",
            run: "edit Which pumps?",
        },
        {
            trigger: ".modal-footer button.btn-warning[name=action_apply]:contains(Return)",
            run: "click",
        },
        { trigger: "body:not(:has(.modal)) .o_form_view" },
    ],
});

/** He approves several at once. */
registry.category("web_tour.tours").add("contract_inbox_decide", {
    steps: () => [
        {
            trigger: ".o_contract_home_item[data-key=decide]:contains(2)",
            run: "click",
        },
        { trigger: ".o_breadcrumb:contains(To decide)" },
        { trigger: ".o_list_view .o_data_row:nth-child(2) button[name=action_approve]" },
        {
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: ".o_control_panel button[name=action_approve]",
            run: "click",
        },
        { trigger: ".o_list_view .o_view_nocontent, .o_list_view:not(:has(.o_data_row))" },
        {
            trigger:
                "button[data-menu-xmlid='contract_tracking.contract_menu_todo']",
            run: "click",
        },
        {
            trigger:
                ".dropdown-item[data-menu-xmlid='contract_tracking.contract_menu_decided']",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row:contains(Approved)" },
    ],
});

/** A salesperson on a phone: a number of the first page, a card, the contract. */
registry.category("web_tour.tours").add("contract_phone", {
    steps: () => [
        {
            trigger: ".o_contract_home_item[data-key=terms_late]",
            run: "click",
        },
        {
            trigger: ".o_kanban_view .o_kanban_record:contains(HT):not(.o_kanban_ghost)",
            run: "click",
        },
        { trigger: ".o_form_view .o_field_widget[name=contract_sentence]" },
    ],
});
