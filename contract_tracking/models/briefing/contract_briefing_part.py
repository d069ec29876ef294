from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_amount

from ...tools.guard import is_unguarded, unguarded
from ...tools.words import choice
from ..contract.sale_order import READER

# What a reader is told of, by the kind of the terms.
DATED_KINDS = ("delivery", "milestone", "document")


class ContractBriefingPart(models.Model):
    """What one department is told of a contract. Its texts are those of the day on
    which it was sent. Prices stand in a field of their own, which only roles of
    contracts read; who is briefed reads this part and no other."""

    _name = "contract.briefing.part"
    _inherit = [
        "contract.frozen.mixin",
        "contract.part.mixin",
        "contract.print.mixin",
        "contract.acknowledgement.mixin",
    ]
    _description = "Briefing Part"
    _order = "briefing_id desc, id"
    _check_company_auto = True

    briefing_id = fields.Many2one(
        "contract.briefing", required=True, index=True, ondelete="cascade"
    )
    order_id = fields.Many2one(
        related="briefing_id.order_id", store=True, precompute=True
    )
    frame_id = fields.Many2one(
        related="briefing_id.frame_id", store=True, precompute=True
    )
    currency_id = fields.Many2one(related="briefing_id.currency_id")
    state = fields.Selection(related="briefing_id.state", store=True, index=True)
    name = fields.Char(related="briefing_id.name")
    partner_name = fields.Char(related="briefing_id.partner_name")
    form_code = fields.Char(related="briefing_id.form_code")
    form_version = fields.Char(related="briefing_id.form_version")
    department_id = fields.Many2one(
        "contract.department", required=True, ondelete="restrict", check_company=True
    )
    user_ids = fields.Many2many(
        "res.users",
        "contract_briefing_part_user_rel",
        string="Others",
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
        ondelete="restrict",
        help="Who is briefed beside the head and the members of the department.",
    )
    date_deadline = fields.Date(string="Acknowledge By")
    show_goods = fields.Boolean(string="Goods", default=True)
    show_dates = fields.Boolean(string="Dates", default=True)
    show_payment = fields.Boolean(string="Payment")
    show_clauses = fields.Boolean(string="Clauses")
    with_prices = fields.Boolean(
        string="Prices",
        help="Prices and amounts stand in this part. Only who has a role of contracts "
        "sees them there.",
    )
    note = fields.Char(string="To Note")
    reader_ids = fields.Many2many(
        "res.users",
        "contract_briefing_part_reader_rel",
        string="Briefed",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    change_text = fields.Text(string="What Changes", readonly=True, copy=False)
    goods_text = fields.Text(string="What Is Supplied", readonly=True, copy=False)
    dates_text = fields.Text(string="Until When", readonly=True, copy=False)
    payment_text = fields.Text(string="How It Is Paid", readonly=True, copy=False)
    clauses_text = fields.Text(string="What Else Holds", readonly=True, copy=False)
    common_text = fields.Text(string="For Everybody", readonly=True, copy=False)
    price_text = fields.Text(
        string="Prices and Amounts", readonly=True, copy=False, groups=READER
    )
    waiting_count = fields.Integer(
        string="Not Acknowledged",
        compute="_compute_waiting_count",
        compute_sudo=True,
        help="Readers who have not acknowledged this part yet.",
    )

    _department_uniq = models.Constraint(
        "unique(briefing_id, department_id)",
        "This department has a part of the briefing already.",
    )

    @api.depends("acknowledgement_ids.state")
    def _compute_waiting_count(self):
        for part in self:
            states = part.acknowledgement_ids.mapped("state")
            part.waiting_count = states.count("waiting")

    @api.depends("briefing_id.display_name", "department_id.name")
    def _compute_display_name(self):
        for part in self:
            names = (
                part.briefing_id.sudo().display_name,
                part.department_id.sudo().name,
            )
            part.display_name = " · ".join(filter(None, names))

    @api.constrains("briefing_id", "order_id", "frame_id")
    def _check_parent(self):
        for part in self:
            if part._contract_parent() != part.briefing_id._contract_parent():
                raise ValidationError(
                    self.env._("A part belongs to the contract of its briefing.")
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def _contract_system(self):
        # who names the contract of the briefing is asked whether he reads it
        return super()._contract_system() - {"order_id", "frame_id"}

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._check_draft()
        return parts

    def _check_frozen(self, content):
        self._check_draft()
        return super()._check_frozen(content)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        self._check_draft()

    def _check_draft(self):
        """Raise if one of the briefings was sent."""
        if not is_unguarded(self):
            self.sudo().briefing_id._check_frozen({"part_ids"})

    # ------------------------------------------------------------------
    # Readers
    # ------------------------------------------------------------------

    def _readers(self):
        """Who is briefed: head and members of the department, and who is named."""
        self.ensure_one()
        department = self.department_id
        users = department.head_id | department.member_ids | self.user_ids
        return users._contract_eligible(self.company_id)

    def _acknowledgement_owners(self, row):
        """Who answers for the contract replies."""
        return self._contract_parent()._contract_responsible() or row.asked_by_id

    def _activities_wanted(self):
        return super()._activities_wanted() if self.state == "sent" else []

    # ------------------------------------------------------------------
    # Terms
    # ------------------------------------------------------------------

    def _send(self):
        """Freeze the terms of today and ask the readers."""
        self.ensure_one()
        readers = self._readers()
        unguarded(self).write(
            {"reader_ids": readers.ids, **self._texts(), "price_text": self._prices()}
        )
        self._ask_readers(self.user_ids, self.department_id, self._deadline())

    def _deadline(self):
        """Until when it is acknowledged: no day that is gone."""
        today = self.company_id._contract_today()
        return self.date_deadline and max(self.date_deadline, today)

    def _texts(self):
        """What the department is told, without any price."""
        self.ensure_one()
        parent = self._contract_parent()
        terms = parent._contract_brief_terms()
        changes = self.briefing_id.reagreement_id.line_ids
        kinds = {
            *(DATED_KINDS if self.show_dates or self.show_goods else ()),
            *(("payment",) if self.show_payment else ()),
            *(("clause",) if self.show_clauses else ()),
        }
        return {
            "common_text": self.briefing_id.note,
            "change_text": "\n".join(
                f"{choice(line, 'action')}: {self._name_of(line.term_id or line)}"
                for line in changes
                if line.kind in kinds
            ),
            "goods_text": self.show_goods and parent._contract_goods_text(),
            "dates_text": self.show_dates and self._list(terms, *DATED_KINDS),
            "payment_text": self.show_payment and self._list(terms, "payment"),
            "clauses_text": self.show_clauses and self._list(terms, "clause"),
        }

    def _list(self, terms, *kinds):
        """Terms of some kinds, a line each: what, how much of goods, until when, and
        what waits for it."""
        lines = []
        for term in terms.filtered(lambda t: t.kind in kinds):
            parts = [
                self._name_of(term),
                term.kind == "delivery" and term.agreed_text,
                term.due_label,
                term.precedes
                and self.env._("before: %(step)s", step=choice(term, "precedes")),
            ]
            lines.append(" · ".join(filter(None, parts)))
        return "\n".join(lines)

    def _name_of(self, term):
        """A term, or a change of one, without its amount."""
        if term.kind == "delivery":
            return term.line_id.product_id.display_name or term.display_name
        if term.kind == "payment" and not term.name:
            return choice(term, "payment_kind")
        return term.name or term.display_name

    def _prices(self):
        """Prices and amounts, where the department is to see them."""
        self.ensure_one()
        if not self.with_prices:
            return False
        parent = self._contract_parent()
        currency = parent.currency_id
        rows = parent._contract_brief_prices() if self.show_goods else []
        if self.show_payment:
            payments = parent._contract_brief_terms().filtered(
                lambda term: term.kind == "payment"
            )
            rows += [(self._name_of(term), term.agreed_amount) for term in payments]
        rows.append((self.env._("Total with taxes"), parent.amount_total))
        return "\n".join(
            f"{name}: {format_amount(self.env, amount, currency)}"
            for name, amount in rows
        )
