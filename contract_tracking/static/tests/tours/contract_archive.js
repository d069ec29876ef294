import {registry} from "@web/core/registry";

function press(button) {
    return {
        trigger: `.o_statusbar_buttons button[name=${button}]:enabled`,
        run: "click",
    };
}

registry.category("web_tour.tours").add("contract_archive_hand_over", {
    steps: () => [
        {
            trigger: ".o_notebook .nav-link[name=completeness]",
        },
        {
            content: "what belongs to the files is found by itself",
            trigger: ".o_field_widget[name=checklist_line_ids] .o_data_row:contains(Signed contract filed):contains(Yes)",
        },
        press("action_submit"),
        {
            trigger: ".o_arrow_button_current:contains(Handed over)",
        },
    ],
});

registry.category("web_tour.tours").add("contract_archive_keep", {
    steps: () => [
        press("action_accept"),
        {
            content: "the files have their index number",
            trigger: ".o_field_widget[name=archive_no]:contains(HT-)",
        },
        {
            trigger: ".o_field_widget[name=place] input",
            run: "edit Shelf 3",
        },
        press("action_lend"),
        {
            content: "lent to nobody without an end",
            trigger: ".o_field_widget[name=purpose] input",
            run: "edit Audit",
        },
        {
            trigger: ".o_field_widget[name=date_due] .o_input, .o_field_widget[name=date_due] button",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=date_due] input",
            run: "edit 12/31/2098 && press Tab",
        },
        {
            trigger: ".o_form_button_save:enabled",
            run: "click",
        },
        press("action_hand_out"),
        {
            trigger: ".o_arrow_button_current:contains(Lent)",
        },
        press("action_take_back"),
        {
            trigger: ".o_arrow_button_current:contains(Handed Back)",
        },
    ],
});
