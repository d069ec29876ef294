import { registry } from "@web/core/registry";

/** The menus of the app that open something, as the user has them. */
function menus(menu) {
    const children = menu.childrenTree.flatMap(menus);
    return menu.actionID && !menu.childrenTree.length ? [menu, ...children] : children;
}

/** Opens every menu of the app: an error in the console ends the tour. */
registry.category("web_tour.tours").add("contract_menus", {
    steps: () => {
        const { services } = odoo.__WOWL_DEBUG__.root.env;
        const app = services.menu
            .getApps()
            .find((menu) => menu.xmlid === "contract_tracking.contract_menu");
        return menus(services.menu.getMenuAsTree(app.id)).flatMap((menu) => [
            {
                content: `open ${menu.xmlid}`,
                trigger: "body:not(:has(.modal)) .o_main_navbar",
                run: async () => {
                    try {
                        await services.menu.selectMenu(menu);
                    } catch (error) {
                        // the tour prints where it failed, not why; the server says more
                        const said = error.cause?.data?.debug ?? "";
                        throw new Error(`${error.message} ${said}`);
                    }
                    document.querySelector(".modal .btn-close")?.click();
                },
            },
            {
                content: `${menu.xmlid} is there`,
                trigger:
                    "body:not(:has(.o_error_dialog)) .o_action_manager > *",
                run: () => {
                    if (
                        services.ui.isSmall &&
                        document.querySelector(".o_action_manager .o_list_view")
                    ) {
                        throw new Error(`${menu.xmlid} has no cards`);
                    }
                },
            },
        ]);
    },
});
