"""Templates of files that Odoo's import understands, for downloading."""

from odoo import api, models

FOLDER = "/contract_tracking/static/xls"


class SaleOrder(models.Model):
    _inherit = "sale.order"

    @api.model
    def get_import_templates(self):
        """Offer contracts with their facts and opening figures as well."""
        templates = super().get_import_templates()
        if self.env.user.has_group("contract_tracking.group_contract_reader"):
            templates.append(
                {
                    "label": self.env._("Import Template for Contracts"),
                    "template": f"{FOLDER}/contracts_import_template.xlsx",
                }
            )
        return templates


class ContractTerm(models.Model):
    _inherit = "contract.term"

    @api.model
    def get_import_templates(self):
        """Offer a file with the terms of contracts."""
        return [
            {
                "label": self.env._("Import Template for Terms"),
                "template": f"{FOLDER}/contract_terms_import_template.xlsx",
            }
        ]


class ContractEvent(models.Model):
    _inherit = "contract.event"

    @api.model
    def get_import_templates(self):
        """Offer a file with the events of contracts."""
        return [
            {
                "label": self.env._("Import Template for Events"),
                "template": f"{FOLDER}/contract_events_import_template.xlsx",
            }
        ]


class StockPicking(models.Model):
    _inherit = "stock.picking"

    @api.model
    def get_import_templates(self):
        """Offer a file with the receipts of deliveries."""
        templates = super().get_import_templates()
        if self.env.user.has_group("stock.group_stock_user") or self.env.user.has_group(
            "contract_tracking.group_contract_reader"
        ):
            templates.append(
                {
                    "label": self.env._("Import Template for Receipts"),
                    "template": f"{FOLDER}/delivery_receipts_import_template.xlsx",
                }
            )
        return templates
