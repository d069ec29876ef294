import {registry} from "@web/core/registry";

function choose(field, text) {
    return [
        {
            trigger: `.o_field_widget[name=${field}] input`,
            run: `edit ${text}`,
        },
        {
            trigger: `.ui-autocomplete a:contains(${text})`,
            run: "click",
        },
    ];
}

function write(field, text) {
    return {
        trigger: `.o_field_widget[name=${field}] textarea`,
        run: `edit ${text}`,
    };
}

function press(button) {
    return {
        trigger: `.o_statusbar_buttons button[name=${button}]:enabled`,
        run: "click",
    };
}

function inWindow(text, button) {
    return [
        {
            trigger: ".modal .o_field_widget[name=reason] textarea",
            run: `edit ${text}`,
        },
        {
            trigger: `.modal .modal-footer button[name=${button}]`,
            run: "click",
        },
    ];
}

registry.category("web_tour.tours").add("contract_deviation_submit", {
    steps: () => [
        {
            trigger: ".o_notebook .nav-link[name=contract]",
            run: "click",
        },
        {
            content: "report a deviation from the contract",
            trigger: "div[name=contract_buttons] button:contains(Report Deviation)",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=impact_days] input",
            run: "edit 12",
        },
        write("summary", "Agreed by 10/01; 40 are missing."),
        ...choose("cause_id", "Material late"),
        press("action_analyse"),
        {
            content: "the sentence says what is next",
            trigger: "div[name=next_step]:contains(recommends what to do)",
        },
        write("recommendation", "Deliver by 10/30."),
        press("action_submit"),
        {
            trigger: ".o_arrow_button_current:contains(Submitted)",
        },
        {
            trigger: "div[name=next_step]:contains(Zhou Guohua)",
        },
    ],
});

registry.category("web_tour.tours").add("contract_deviation_decide", {
    steps: () => [
        {
            content: "Approve and Refuse stand in the activity",
            trigger: ".o-mail-Activity button:contains(Approve)",
        },
        press("action_open_decide"),
        {
            trigger: ".modal .o_field_widget[name=with_changes] input",
            run: "check",
        },
        {
            trigger: ".modal .o_field_widget[name=comment] textarea",
            run: "edit By air freight.",
        },
        {
            trigger: ".modal .modal-footer button[name=action_apply]",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains(Executing)",
        },
        {
            content: "his words stand on the form",
            trigger: ".o_field_widget[name=decision_text]:contains(By air freight.)",
        },
        {
            content: "and in the trail",
            trigger: ".o_notebook .nav-link[name=approval]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=step_ids] .o_data_row:contains(Zhou Guohua)",
        },
    ],
});

registry.category("web_tour.tours").add("contract_deviation_result", {
    steps: () => [
        press("action_report"),
        ...inWindow("All is delivered.", "action_apply"),
        {
            trigger: ".o_arrow_button_current:contains(To verify)",
        },
        {
            content: "he doesn't verify his own",
            trigger: ".o_statusbar_buttons:not(:has(button[name=action_verify]))",
        },
    ],
});

registry.category("web_tour.tours").add("contract_deviation_verify", {
    steps: () => [
        press("action_verify"),
        {
            content: "not cured is said",
            trigger: ".modal .o_field_widget[name=note]:contains(Not cured)",
        },
        ...inWindow("A concession, as decided.", "action_apply"),
        {
            trigger: ".o_arrow_button_current:contains(Closed)",
        },
    ],
});
