import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("contract_plan_write", {
    steps: () => [
        {
            content: "the company asks for a plan",
            trigger: "div[name=contract_next] button[name=action_contract_progress_plan]",
            run: "click",
        },
        {
            content: "the promises of the contract are its stages",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains(Pump)",
        },
        {
            content: "the template adds the tasks",
            trigger:
                ".o_field_widget[name=line_ids] .o_data_row:contains(Production finished)",
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

registry.category("web_tour.tours").add("contract_plan_report", {
    steps: () => [
        {
            content: "who reads no contracts has his task",
            trigger: ".o_data_row:contains(staffing) button[name=action_report]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=progress] input",
            run: "edit 100",
        },
        {
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit Everybody is named",
        },
        {
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            content: "what is done leaves the list",
            trigger: ".o_list_view:not(:has(.o_data_row))",
        },
    ],
});

registry.category("web_tour.tours").add("contract_plan_anew", {
    steps: () => [
        {
            trigger: ".o_data_row:contains(staffing).text-success",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_replan]:enabled",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] textarea",
            run: "edit The furnace failed",
        },
        {
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            content: "the next version, a draft",
            trigger: ".alert .o_field_widget[name=replan_reason]:contains(furnace)",
        },
        {
            trigger: ".o_arrow_button_current:contains(Draft)",
        },
    ],
});
