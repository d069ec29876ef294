from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

from ...tools.guard import is_unguarded
from ...tools.words import choice

# What somebody signed by stays as it was that day; an authority may end.
GIVEN = {
    "name", "user_id", "company_id", "kind", "amount", "date_from", "attachment_ids",
}  # fmt: skip


class ContractSignatory(models.Model):
    """授权签署人 Who may sign for the company: which kind of binding document, up to
    which amount in company currency, from and until when, by which power of attorney
    (D2 §4, D4 §4.4). Written by administrators; what somebody signed by stays."""

    _name = "contract.signatory"
    _inherit = ["contract.entry.mixin", "contract.evidence.mixin"]
    _description = "Authorised Signatory"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(
        compute="_compute_name",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="As it stands under the contract.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    user_id = fields.Many2one(
        "res.users",
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
        ondelete="restrict",
        help="Empty: somebody who doesn't work with the system.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [
            ("contract", "Contracts"),
            ("order", "Product orders"),
            ("call_off", "Call-off orders"),
            ("frame", "Frame agreements"),
        ],
        string="May Sign",
        help="Empty: every kind of binding document.",
    )
    amount = fields.Monetary(
        string="Up To",
        help="Total with taxes up to which he may sign, in company currency. "
        "0: without limit.",
    )
    date_from = fields.Date(string="Authorised From")
    date_to = fields.Date(string="Authorised Until", help="The last day.")
    attachment_ids = fields.Many2many(
        "ir.attachment",
        string="Power of Attorney",
        bypass_search_access=True,
        help="The paper that authorises him.",
    )
    note = fields.Char()

    _amount = models.Constraint("CHECK (amount >= 0)", "Amounts can't be negative.")
    _days = models.Constraint(
        "CHECK (date_to >= date_from)", "An authority can't end before it begins."
    )

    @api.depends("user_id")
    def _compute_name(self):
        for signatory in self:
            signatory.name = signatory.user_id.name or signatory.name

    @api.depends("name", "kind", "amount", "date_to")
    def _compute_display_name(self):
        for signatory in self:
            amount = signatory.amount and self.env._(
                "up to %(amount)s",
                amount=format_amount(
                    self.env, signatory.amount, signatory.sudo().currency_id
                ),
            )
            parts = filter(None, (choice(signatory, "kind"), amount))
            limits = " · ".join(parts)
            name = signatory.name or ""
            signatory.display_name = f"{name} ({limits})" if limits else name

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        if GIVEN & vals.keys() and not is_unguarded(self):
            self._check_unused()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_unused()

    def _files_settled(self, fname):
        return super()._files_settled(fname) | self._used()

    def _used(self):
        """Those by whose authority something was signed."""
        domain = Domain("contract_signatory_id", "in", self.ids)
        used = self.browse()
        for model in ("sale.order", "contract.frame"):
            signed = self.env[model].sudo().with_context(active_test=False)
            used |= signed.search(domain).contract_signatory_id.with_env(self.env)
        return used & self

    def _check_unused(self):
        """Raise if something was signed by one of these authorities."""
        if used := self._used()[:1]:
            raise UserError(
                self.env._(
                    "Contracts were signed by the authority of %(name)s: let it end, "
                    "and enter what holds from now on as another one.",
                    name=used.name,
                )
            )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _refusal(self, day, kind, amount):
        """Why this authority doesn't cover a signature, as a sentence, or False.

        :param amount: total with taxes, in company currency
        """
        self.ensure_one()
        if (self.date_from and day < self.date_from) or (
            self.date_to and day > self.date_to
        ):
            return self.env._(
                "%(name)s was not authorised to sign on %(date)s.",
                name=self.name,
                date=format_date(self.env, day),
            )
        if self.kind and self.kind != kind:
            return self.env._(
                "%(name)s is authorised to sign %(kind)s only.",
                name=self.name,
                kind=choice(self, "kind"),
            )
        currency = self.company_id.currency_id
        if self.amount and currency.compare_amounts(amount, self.amount) > 0:
            return self.env._(
                "%(name)s is authorised to sign up to %(limit)s, this is %(amount)s.",
                name=self.name,
                limit=format_amount(self.env, self.amount, currency),
                amount=format_amount(self.env, amount, currency),
            )
        return False
