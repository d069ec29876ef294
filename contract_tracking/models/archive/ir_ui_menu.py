from odoo import models


class IrUiMenu(models.Model):
    """Colleagues without a contract role ask for files from a menu of their own; who
    has one finds it among the contracts."""

    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        hidden = super()._load_menus_blacklist()
        if self.env.user.has_group("contract_tracking.group_contract_reader"):
            menu = self.env.ref(
                "contract_tracking.contract_menu_archive_borrow",
                raise_if_not_found=False,
            )
            hidden = [*hidden, *(menu.ids if menu else [])]
        return hidden
