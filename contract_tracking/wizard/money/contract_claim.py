from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class ContractClaim(models.TransientModel):
    """Say in one screen whose money receipts are, starting from proposals."""

    _name = "contract.claim"
    _inherit = ["contract.dialog.mixin"]
    _description = "Claim Receipts"

    receipt_ids = fields.Many2many("contract.receipt", readonly=True)
    line_ids = fields.One2many(
        "contract.claim.line",
        "claim_id",
        compute="_compute_line_ids",
        store=True,
        compute_sudo=False,
        readonly=False,
    )
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    summary = fields.Char(string="Left to Claim", compute="_compute_summary")
    is_finance = fields.Boolean(compute="_compute_company_id")

    @api.depends("receipt_ids")
    def _compute_company_id(self):
        finance = self.env["contract.payment.claim"]._is_finance()
        for wizard in self:
            wizard.company_id = wizard.receipt_ids.company_id[:1]
            wizard.is_finance = finance

    @api.depends("receipt_ids")
    def _compute_line_ids(self):
        for wizard in self:
            proposals = wizard.receipt_ids._origin._propose()
            wizard.line_ids = [Command.clear()] + [
                Command.create({"receipt_id": receipt_id, **vals})
                for receipt_id, vals_list in proposals.items()
                for vals in vals_list or [{"amount": 0}]
            ]

    @api.depends("receipt_ids", "line_ids.amount", "line_ids.receipt_id")
    def _compute_summary(self):
        for wizard in self:
            texts = []
            for receipt in wizard.receipt_ids._origin:
                lines = wizard.line_ids.filtered(
                    lambda ln, receipt=receipt: ln.receipt_id._origin == receipt
                )
                left = receipt.unclaimed - sum(lines.mapped("amount"))
                texts.append(
                    f"{receipt.display_name}: {receipt.currency_id.format(left)}"
                )
            wizard.summary = " · ".join(texts)

    def action_claim(self):
        """Create the claims of all lines with an amount, or none of them.

        :raise UserError: if a line lacks its contract
        """
        self._check_dialog()
        lines = self.line_ids.filtered(
            lambda line: not line.receipt_id.currency_id.is_zero(line.amount)
        )
        if not lines:
            raise UserError(self.env._("Enter how much is for which contract."))
        self.env["contract.payment.claim"].create(
            [line._prepare_claim() for line in lines]
        )
        return {"type": "ir.actions.act_window_close"}
