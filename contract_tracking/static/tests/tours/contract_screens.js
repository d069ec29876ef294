import {registry} from "@web/core/registry";

/** Opens each screen; says nothing of their language. */
function menu(section, name, arrived) {
    return [
        {
            trigger: `button[data-menu-xmlid='contract_tracking.contract_menu_${section}']`,
            run: "click",
        },
        {
            trigger: `.dropdown-item[data-menu-xmlid='contract_tracking.contract_menu_${name}']`,
            run: "click",
        },
        {trigger: arrived},
    ];
}

function lastView(viewType, arrived) {
    return [
        {
            trigger: `.o_cp_switch_buttons .o_switch_view.o_${viewType}`,
            run: "click",
        },
        {trigger: arrived},
    ];
}

registry.category("web_tour.tours").add("contract_screens", {
    steps: () => [
        {trigger: ".o_list_view .o_data_row td[name=contract_agreed_amount]"},
        ...lastView("kanban", ".o_kanban_view .o_kanban_record:contains(HT)"),
        ...lastView("pivot", ".o_pivot_view td"),
        ...menu("contracts", "terms", ".o_list_view .o_data_row td[name=date_due]"),
        ...menu("todo", "records", ".o_list_view .o_data_row td[name=late_count]"),
        {
            trigger: ".o_list_view .o_data_row td[name=name]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=line_ids] .o_data_row",
        },
        ...menu("goods", "events", ".o_list_view th[data-name=type_id], .o_view_nocontent"),
        ...menu("contracts", "documents", ".o_list_view th[data-name=name], .o_view_nocontent"),
        ...menu("reporting", "history", ".o_list_view .o_data_row td[name=new_text]"),
        ...menu("contracts", "orders", ".o_list_view .o_data_row td[name=contract_agreed_amount]"),
        {
            trigger: ".o_list_view .o_data_row td[name=contract_number]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_notebook .nav-link[name=contract]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=contract_term_ids] .o_data_row td[name=status]",
        },
        {
            trigger: ".o_field_widget[name=contract_sentence]:contains(/./)",
        },
    ],
});
