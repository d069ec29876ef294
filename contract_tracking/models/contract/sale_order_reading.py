from lxml import etree

from odoo import api, models

from .sale_order import READER

# Core's buttons that change an order. It shows them to everybody who reads it, since
# in core hardly anybody reads orders who may not write them.
CHANGING = {
    "action_confirm", "action_cancel", "action_draft", "action_quotation_send",
    "payment_action_capture", "payment_action_void",
}  # fmt: skip


class SaleOrder(models.Model):
    """Who reads orders as contracts only, as leaders and auditors do, sees no button
    that he can't use."""

    _inherit = "sale.order"

    @api.model
    def get_view(self, view_id=None, view_type="form", **options):
        """Take core's buttons away from a contract role that can't write orders."""
        view = super().get_view(view_id, view_type, **options)
        if (
            view_type != "form"
            or self.has_access("write")
            or not self.env.user.has_group(READER)
        ):
            return view
        arch = etree.fromstring(view["arch"])
        for button in arch.findall("header/button"):
            if button.get("name") in CHANGING or "invoice" in button.get("id", ""):
                button.getparent().remove(button)
        return {**view, "arch": etree.tostring(arch, encoding="unicode")}
