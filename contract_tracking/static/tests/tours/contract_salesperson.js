import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("contract_salesperson", {
    steps: () => [
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
            trigger:
                ".o_field_widget[name=contract_schedule_template_id] input:value(30 days after delivery)",
        },
        {
            content: "draw the number that the paper needs",
            trigger: "button[name=action_contract_assign_number]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=contract_number] input:value(HT)",
        },
        {
            content: "the payments are there, the deliveries not yet",
            trigger:
                ".o_field_widget[name=contract_term_ids] .o_data_row:contains(Deposit)",
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
