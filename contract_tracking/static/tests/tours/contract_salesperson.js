import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("contract_salesperson", {
    steps: () => [
        {
            content: "a new quotation for a customer",
            trigger: ".o_field_widget[name=partner_id] input",
            run: "edit Yangtze Pumps",
        },
        {
            trigger: ".ui-autocomplete a:contains(Yangtze Pumps)",
            run: "click",
        },
        {
            content: "of goods",
            trigger: ".o_field_widget[name=order_line] a:contains(Add a product)",
            run: "click",
        },
        {
            trigger: ".o_selected_row .o_field_widget[name=product_template_id] input",
            run: "edit Contract Pump",
        },
        {
            trigger: ".ui-autocomplete a:contains(Contract Pump)",
            run: "click",
        },
        {
            trigger: ".o_field_cell[name=price_unit]:contains(100.00), .o_field_widget[name=price_unit] input:value(100.00)",
        },
        {
            trigger: ".o_selected_row .o_field_widget[name=product_uom_qty] input",
            run: "edit 10 && press Tab",
        },
        {
            content: "open the contract page of the quotation",
            trigger: ".o_notebook .nav-link[name=contract]",
            run: "click",
        },
        {
            content: "choose payment conditions",
            trigger: ".o_field_widget[name=contract_schedule_template_id] input",
            run: "edit 30 % deposit, 70 % 30",
        },
        {
            trigger: ".ui-autocomplete a:contains(30 days after delivery)",
            run: "click",
        },
        {
            content: "the payments are there before anything is saved",
            trigger:
                ".o_form_button_save:visible, .o_form_status_indicator_buttons:visible",
        },
        {
            trigger:
                ".o_field_widget[name=contract_proposed_term_ids] .o_data_row:contains(Deposit):contains(300.00)",
        },
        {
            content: "draw the number that the paper needs",
            trigger: "button[name=action_contract_assign_number]",
            run: "click",
        },
        {
            content: "it is the contract's name",
            trigger: ".oe_title .o_field_widget[name=contract_number]:contains(HT)",
        },
        {
            trigger: ".o_breadcrumb:contains(HT), .breadcrumb:contains(HT)",
        },
        {
            content: "saved, they are its terms",
            trigger:
                ".o_field_widget[name=contract_term_ids]:has(.o_data_row:eq(1)):not(:has(.o_data_row:eq(2))) .o_data_row:contains(Deposit):contains(300.00)",
        },
        {
            trigger:
                ".o_field_widget[name=contract_sentence]:contains(Contract in preparation)",
        },
        {
            content: "confirm the order",
            trigger: ".o_statusbar_buttons button[name=action_confirm]:enabled:visible",
            run: "click",
        },
        {
            content: "the sentence says what is missing, its button asks for it",
            trigger: ".o_field_widget[name=contract_sentence]:contains(missing Signing Date)",
        },
        {
            trigger: "div[name=contract_next] button[name=action_contract_sign]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=contract_signatory] input",
            run: "edit Zhou Guohua",
        },
        {
            trigger: ".modal .o_field_widget[name=contract_signing_date] :is(input, button)",
            run: "click",
        },
        {
            trigger: ".o_datetime_picker .o_today",
            run: "click",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
        {
            content: "a sentence says how it stands",
            trigger: ".o_field_widget[name=contract_sentence]:contains(In effect since)",
        },
        {
            trigger: ".o_field_widget[name=contract_sentence]:contains(Delivered 0 %)",
        },
        {
            trigger: ".o_notebook .nav-link[name=contract]",
            run: "click",
        },
        {
            content: "the goods are promised as well",
            trigger:
                ".o_field_widget[name=contract_term_ids] .o_data_row:contains(Pump)",
        },
        {
            trigger:
                ".o_field_widget[name=contract_term_ids]:has(.o_data_row:eq(2)):not(:has(.o_data_row:eq(3)))",
        },
        {
            content: "what is agreed is neither deleted nor added to",
            trigger:
                ".o_field_widget[name=contract_term_ids]:not(:has(.o_list_record_remove)):not(:has(.o_field_x2many_list_row_add))",
        },
        {
            content: "write a tracking record",
            trigger: ".o_statusbar_buttons button[name=action_contract_record]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains(Pump)",
        },
        {
            trigger: ".o_field_widget[name=summary] textarea",
            run: "edit Everything is on its way.",
        },
        {
            content: "confirm the record",
            trigger: ".o_statusbar_buttons button[name=action_confirm]:enabled",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains(Confirmed)",
        },
        {
            content: "it can only be voided now",
            trigger: ".o_statusbar_buttons button[name=action_void]",
        },
        {
            trigger:
                ".o_field_widget[name=summary].o_readonly_modifier:contains(Everything is on its way.)",
        },
    ],
});
