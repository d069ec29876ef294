import {registry} from "@web/core/registry";

function press(button) {
    return {
        trigger: `.o_statusbar_buttons button[name=${button}]:enabled`,
        run: "click",
    };
}

registry.category("web_tour.tours").add("contract_intake_submit", {
    steps: () => [
        {
            content: "the contract says that it is to be checked",
            trigger: "div[name=contract_next] button[name=action_contract_check_order]",
            run: "click",
        },
        {
            content: "the order stands beside what is to be compared",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains(Pump)",
        },
        {
            trigger: ".o_field_widget[name=confirmed_by] input",
            run: "edit Mr. Wang",
        },
        {
            trigger: ".o_field_widget[name=document_id] input",
            run: "edit Order of",
        },
        {
            trigger: ".ui-autocomplete a:contains(Order of the customer)",
            run: "click",
        },
        press("action_submit"),
        {
            trigger: ".o_arrow_button_current:contains(Being checked)",
        },
    ],
});

registry.category("web_tour.tours").add("contract_intake_check", {
    steps: () => [
        {
            content: "mark what is wrong",
            trigger:
                ".o_field_widget[name=line_ids] .o_data_row:contains(Pump) td[name=result]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=line_ids] .o_field_widget[name=result] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_menu .o_select_menu_item:contains(Wrong)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=line_ids] .o_field_widget[name=note] input",
            run: "edit 12 pumps",
        },
        {
            content: "save, then return it",
            trigger: ".o_form_button_save:visible",
            run: "click",
        },
        press("action_return_wrong"),
        {
            trigger: ".o_arrow_button_current:contains(In preparation)",
        },
    ],
});
