import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("contract_reagreement_submit", {
    steps: () => [
        {
            content: "what will happen to the order",
            trigger: "[name=effect]:contains(10 → 12)",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_submit]:enabled",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Submitted)",
        },
    ],
});

registry.category("web_tour.tours").add("contract_reagreement_approve", {
    steps: () => [
        {
            content: "the leader sees what his approval changes",
            trigger: "[name=effect]:contains(10 → 12)",
        },
        {
            trigger: "button[name=action_approve]:enabled",
            run: "click",
        },
        {
            content: "the new terms hold",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Holds)",
        },
    ],
});
