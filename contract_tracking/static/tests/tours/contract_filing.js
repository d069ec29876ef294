import {registry} from "@web/core/registry";

function file() {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["dropped"], "dropped.txt", {type: "text/plain"}));
    return transfer;
}

registry.category("web_tour.tours").add("contract_filing", {
    steps: () => [
        {
            content: "the customer's message",
            trigger: ".o-mail-Message:contains(We deliver on Monday)",
            run: "hover",
        },
        {
            trigger:
                ".o-mail-Message:contains(We deliver on Monday) [title='Expand'], .o-mail-Message:contains(We deliver on Monday) .o-mail-Message-actions .oi-ellipsis-h",
            run: "click",
        },
        {
            trigger: "button[name=contract-file]",
            run: "click",
        },
        {
            content: "is filed as an e-mail",
            trigger: ".modal button[name=action_file]",
            run: "click",
        },
        {
            trigger: ".o_notification:contains(Filed on)",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
        {
            content: "its papers",
            trigger: ".o_notebook .nav-link[name=contract_papers]",
            run: "click",
        },
        {
            trigger: "button[name=action_contract_papers]",
            run: "click",
        },
        {
            trigger: ".o_control_panel button:contains(Upload)",
        },
        {
            content: "drag a file over the list",
            trigger: ".o_content .o_list_renderer",
            run() {
                this.anchor.dispatchEvent(
                    new DragEvent("dragenter", {bubbles: true, dataTransfer: file()})
                );
            },
        },
        {
            content: "and drop it",
            trigger: ".o_drop_area:contains(Drop the papers here)",
            run() {
                this.anchor.dispatchEvent(
                    new DragEvent("drop", {bubbles: true, dataTransfer: file()})
                );
            },
        },
        {
            trigger: ".modal .o_selection_badge:contains(Letter)",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_file]",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains(dropped.txt)",
        },
    ],
});
