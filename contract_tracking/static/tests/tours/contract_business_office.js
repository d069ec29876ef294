import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("contract_business_office", {
    steps: () => [
        {
            content: "both contracts in effect are listed",
            trigger: ".o_list_view .o_data_row:contains(Punctual Pumps)",
        },
        {
            trigger: ".o_list_view .o_data_row:contains(Tardy Pumps)",
        },
        {
            content: "look for late deliveries",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            trigger: ".o_filter_menu .o_menu_item:contains(Delivery Overdue)",
            run: "click",
        },
        {
            trigger: ".o_list_view:not(:has(.o_data_row:contains(Punctual Pumps)))",
        },
        {
            trigger:
                ".o_list_view .o_data_row:contains(Tardy Pumps) .o_field_badge:contains(At risk)",
        },
        {
            content: "go to the terms",
            trigger: "button[data-menu-xmlid='contract_tracking.contract_menu_contracts']",
            run: "click",
        },
        {
            trigger:
                ".dropdown-item[data-menu-xmlid='contract_tracking.contract_menu_terms']",
            run: "click",
        },
        {
            content: "open the contract of the late delivery",
            trigger:
                ".o_list_view .o_data_row:contains(Tardy Pumps):contains(Overdue) td[name=display_name]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_notebook .nav-link[name=contract]",
            run: "click",
        },
        {
            content: "waive the term in its row",
            trigger:
                ".o_field_widget[name=contract_term_ids] .o_data_row:contains(Overdue) button[name=action_waive]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] textarea",
            run: "edit The customer no longer wants it",
        },
        {
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            trigger:
                ".o_field_widget[name=contract_term_ids] .o_data_row:contains(Waived)",
        },
    ],
});
