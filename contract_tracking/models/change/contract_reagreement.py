from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError


class ContractReagreement(models.Model):
    """A re-agreement carries out the request to which the company consented and on
    which both sides agreed; where the company wants it, none goes without (D2 §8,
    D5 §6.1)."""

    _inherit = "contract.reagreement"

    change_id = fields.Many2one(
        "contract.change",
        string="Change Request",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('order_id', '=', order_id), ('frame_id', '=', frame_id), "
        "('kind', '=', 'change'), ('state', '=', 'negotiated')]",
        help="What was asked for, weighed and agreed to before.",
    )

    @api.model
    def _contract_siblings(self):
        return super()._contract_siblings() | {"change_id"}

    @api.constrains("change_id")
    def _check_change(self):
        for record in self:
            change = record.change_id.sudo()
            if change and change.kind != "change":
                raise ValidationError(
                    self.env._(
                        "%(change)s doesn't ask for other terms: a re-agreement "
                        "doesn't carry it out.",
                        change=change.display_name,
                    )
                )

    @api.onchange("change_id")
    def _onchange_change_id(self):
        """Show the terms that were named, beside what is written already."""
        Line = self.env["contract.reagreement.line"]
        written = self.line_ids.term_id._origin
        self.update(
            {
                # proposed from the order and its terms, without the changes
                "change_order": self.change_order,
                "reason": self.reason or self.change_id._follow_up_reason(),
                "line_ids": [
                    Command.create(
                        {**Line._term_vals(line.term_id), **line._reagreement_vals()}
                    )
                    for line in self.change_id.line_ids._origin
                    if line.term_id not in written
                ],
            }
        )

    @api.model_create_multi
    def create(self, vals_list):
        """One that carries out a request begins with the terms that were named, and
        with what was said of them."""
        records = super().create(vals_list)
        for record in records:
            if record.change_id and not record.reason:
                record.reason = record.change_id.sudo()._follow_up_reason()
            if not record.line_ids and (lines := record.change_id.sudo().line_ids):
                record.line_ids = [
                    Command.create(line._reagreement_vals()) for line in lines
                ]
        return records

    def _approval_check_submit(self):
        res = super()._approval_check_submit()
        self.env["contract.change"]._check_follow_up(self.change_id)
        for record in self:
            if not record.change_id and record._change_is_required():
                raise UserError(
                    self.env._(
                        "%(contract)s is changed once a change request was agreed to: "
                        "write one (Request a Change), and name it here when the "
                        "result of the negotiation is recorded on it.",
                        contract=record._contract_parent().display_name,
                    )
                )
        return res

    def _change_is_required(self):
        """Whether the company wants a request before this: not on small contracts."""
        self.ensure_one()
        company = self.company_id.sudo()
        if not company.contract_change_required:
            return False
        currency, own = self.currency_id, company.currency_id
        amount = currency._convert(
            max(self.amount_now, self.amount_after),
            own,
            company,
            company._contract_today(),
        )
        return own.compare_amounts(amount, company.contract_change_amount) >= 0

    def _after_apply(self):
        res = super()._after_apply()
        if self.change_id:
            self.change_id._follow_up_done()
        return res
