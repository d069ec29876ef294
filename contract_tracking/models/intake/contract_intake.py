from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_list

from ...tools.guard import guarded, unguarded

# What the customer said of delivery and payment, written down until the release.
CONFIRMED = {
    "confirmed_by", "confirmed_on", "confirmed_how", "confirmed_note",
    "confirmed_attachment_ids",
}  # fmt: skip


class ContractIntake(models.Model):
    """订单录入核对 The check of an order against the customer's paper (D2 §11–12, D8
    §3.1): who entered the order submits it, the order desk compares it row by row, and
    agrees or returns it with what is wrong until it is right. Each round stays in the
    approval trail. What was checked is the order of that day: changed afterwards the
    check holds no more, and only what changed is compared again.

    Beside it stands what the customer confirmed of delivery and payment; with both the
    order desk releases the order to production and logistics (``contract.release``).
    """

    _name = "contract.intake"
    _inherit = ["contract.form.mixin", "contract.approval.mixin"]
    _description = "Order Check"
    _order = "id desc"
    _rec_names_search = ["name", "contract_number"]
    _approval_kind = "intake"
    _contract_form = ("QR-XS-08", "A/0", "HD")

    user_id = fields.Many2one(string="Prepared By")
    state = fields.Selection(
        [
            ("draft", "In preparation"),
            ("submitted", "Being checked"),
            ("done", "Checked"),
            ("refused", "Refused"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand="_contract_expand_states",
    )
    document_id = fields.Many2one(
        "contract.document",
        string="Customer's Paper",
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        domain="[('order_id', '=', order_id)]",
        help="The filed order or contract of the customer that this is compared with.",
    )
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "contract_intake_attachment_rel",
        string="Customer's Files",
        bypass_search_access=True,
        help="The customer's order, where it isn't filed among the papers.",
    )
    note = fields.Text(
        string="Remark",
        help="It goes to production and logistics with the release: no prices here.",
    )
    line_ids = fields.One2many(
        "contract.intake.line", "intake_id", string="Comparison", copy=False
    )
    wrong_count = fields.Integer(
        string="Wrong", compute="_compute_counts", help="Rows that are marked as wrong."
    )
    open_count = fields.Integer(
        string="Not Compared",
        compute="_compute_counts",
        help="Rows that nobody has compared yet.",
    )
    holds = fields.Boolean(
        string="Order Unchanged",
        compute="_compute_holds",
        compute_sudo=True,
        help="The order is as it was compared.",
    )
    change_text = fields.Char(
        string="Changed Since", compute="_compute_holds", compute_sudo=True
    )
    previous_id = fields.Many2one(
        "contract.intake",
        string="Check Before",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    confirmed_by = fields.Char(
        help="Who confirmed delivery and payment for the customer.",
    )
    confirmed_on = fields.Date()
    confirmed_how = fields.Selection(
        [
            ("signed", "Signed paper"),
            ("mail", "E-mail"),
            ("message", "Message"),
            ("phone", "By phone"),
            ("meeting", "In a meeting"),
        ],
        string="How",
    )
    confirmed_note = fields.Char(string="What Was Said")
    confirmed_attachment_ids = fields.Many2many(
        "ir.attachment",
        "contract_intake_confirmed_rel",
        string="Confirmation",
        bypass_search_access=True,
    )
    release_ids = fields.One2many("contract.release", "intake_id", string="Releases")
    can_release = fields.Boolean(compute="_compute_can_release")
    can_compare = fields.Boolean(compute="_compute_can_compare", compute_sudo=True)

    _open_uniq = models.UniqueIndex(
        "(order_id) WHERE state IN ('draft', 'submitted')",
        "This order is being checked already.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("line_ids.result")
    def _compute_counts(self):
        for intake in self:
            results = intake.line_ids.mapped("result")
            intake.wrong_count = results.count("wrong")
            intake.open_count = results.count(False)

    @api.depends("line_ids.value", "order_id.order_line", "order_id.amount_total")
    def _compute_holds(self):
        for intake in self:
            changed = intake._changed() if intake.order_id else []
            intake.holds = not changed
            intake.change_text = format_list(self.env, changed)

    @api.depends_context("uid")
    @api.depends("state", "release_ids.state")
    def _compute_can_release(self):
        desk = {
            company: company._contract_order_desk()
            for company in self.sudo().company_id
        }
        for intake in self:
            intake.can_release = (
                intake.state == "done"
                and self.env.user in desk.get(intake.company_id, ())
                and not intake._released()
            )

    @api.depends_context("uid")
    @api.depends("state", "step_ids.state")
    def _compute_can_compare(self):
        for intake in self:
            intake.can_compare = bool(intake._steps_of(self.env.user))

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("frame_id")
    def _check_order(self):
        if any(intake.frame_id for intake in self):
            raise ValidationError(self.env._("Only orders are checked."))

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        intakes = super().create(vals_list)
        intakes._refresh()
        return intakes

    @api.model
    def _contract_siblings(self):
        return super()._contract_siblings() | {"document_id"}

    @api.model
    def _contract_past(self):
        return super()._contract_past() | {"confirmed_on"}

    def _check_frozen(self, content):
        if content & {"order_id", "frame_id"}:
            raise UserError(
                self.env._("A check stays with its order: begin another one.")
            )
        if content & CONFIRMED and self._released():
            raise UserError(
                self.env._(
                    "The order was released by what the customer confirmed: it stays."
                )
            )
        if content - CONFIRMED and any(intake.state == "refused" for intake in self):
            raise UserError(self.env._("It was refused: begin another check."))
        return super()._check_frozen(content)

    def _files_settled(self, fname):
        if fname == "confirmed_attachment_ids":
            return self._released()
        return super()._files_settled(fname)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_refresh(self):
        """Take the order over as it stands now: what changed is compared anew.

        :raise UserError: once it is decided, or for who neither prepares nor decides
        """
        for intake in self:
            intake._contract_check_state("draft", "submitted")
            if intake.state == "draft" or not intake.can_compare:
                intake.check_access("write")
                intake._contract_check_state("draft")
        self._refresh()
        return True

    def action_all_right(self):
        """Mark the rest of the rows as they stand in the customer's paper."""
        self.ensure_one()
        self.check_access("read")
        self.line_ids.filtered(lambda line: not line.result).write({"result": "ok"})
        return True

    def action_return_wrong(self):
        """Return the order to who submitted it, with the rows that are wrong.

        :raise UserError: if no row is marked as wrong
        """
        self.ensure_one()
        text = self._wrong_text()
        if not text:
            raise UserError(
                self.env._(
                    "Mark what is wrong first, and say what stands in the paper."
                )
            )
        return self.action_return(text)

    def action_release(self):
        """Release the order to production and logistics.

        :raise UserError: if something of it isn't checked, confirmed or in effect
        """
        self.ensure_one()
        self.check_access("read")
        release = self.env["contract.release"]._release(self)
        return release._open_form()

    @api.model
    def _open_check(self, order):
        """Open the check of an order that goes on, or holds; else a new one."""
        intakes = self.search([("order_id", "=", order.id)])
        present = intakes.filtered(lambda i: i.state in ("draft", "submitted"))[:1]
        last = intakes.filtered(lambda i: i.state == "done")[:1]
        if not present and last and last.holds:
            present = last
        if not present:
            order.sudo()._contract_ensure_draft()
            paper = (
                last.document_id
                or order.contract_document_ids.filtered(
                    lambda d: (
                        d.type_id
                        == d.env.ref(
                            "contract_tracking.document_type_order",
                            raise_if_not_found=False,
                        )
                    )
                )[:1]
            )
            # what the check before says of it is no value of the user
            present = guarded(
                unguarded(self).create(
                    {
                        "order_id": order.id,
                        "document_id": paper.id,
                        "previous_id": last.id,
                    }
                )
            )
        return present._open_form()

    def _released(self):
        """Those of which a release counts."""
        return self.filtered(
            lambda intake: "released" in intake.sudo().release_ids.mapped("state")
        )

    # ------------------------------------------------------------------
    # The comparison
    # ------------------------------------------------------------------

    def _changed(self):
        """Names of the rows in which the order differs from what was compared."""
        self.ensure_one()
        kept = {line.key: line for line in self.line_ids}
        names, present = [], set()
        for key, name, _text, value in self.order_id._contract_entry_rows():
            present.add(key)
            if key not in kept or kept[key].value != value:
                names.append(name)
        return names + [line.name for key, line in kept.items() if key not in present]

    def _refresh(self):
        """Write the rows of the orders as they stand; what was right and didn't change
        stays right, here and from the check before."""
        Line = unguarded(self.env["contract.intake.line"].sudo())
        vals_list = []
        for intake in unguarded(self.sudo()):
            before = {line.key: line for line in intake.previous_id.line_ids}
            kept = {line.key: line for line in intake.line_ids}
            rows = intake.order_id.with_env(self.env)._contract_entry_rows()
            for sequence, (key, name, text, value) in enumerate(rows, 1):
                vals = {
                    "sequence": sequence,
                    "name": name,
                    "order_text": text,
                    "value": value,
                }
                line = kept.pop(key, None)
                if line:
                    if line.value != value:
                        vals["result"] = False
                    line.write(vals)
                    continue
                old = before.get(key)
                right = old and old.value == value and old.result == "ok"
                vals_list.append(
                    {
                        **vals,
                        "intake_id": intake.id,
                        "key": key,
                        "result": "ok" if right else False,
                    }
                )
            Line.union(*kept.values()).unlink()
        Line.create(vals_list)

    def _wrong_text(self):
        """What is wrong, a row a line."""
        self.ensure_one()
        return "\n".join(
            f"{line.name}: {line.note or line.order_text or ''}"
            for line in self.line_ids
            if line.result == "wrong"
        )

    # ------------------------------------------------------------------
    # The approval
    # ------------------------------------------------------------------

    @api.model
    def _handover_domain(self, user):
        return Domain("user_id", "=", user.id) & Domain("state", "=", "draft")

    def _contract_next_states(self):
        return {**super()._contract_next_states(), "submitted": {"draft": None}}

    def _approval_parties(self):
        """Who entered the order doesn't check it either."""
        order = self.sudo().order_id
        entered = (order.create_uid | order.user_id).filtered(
            lambda user: not user._is_superuser()
        )
        return super()._approval_parties() | entered

    def _approval_amount(self):
        self.ensure_one()
        order = self.order_id.sudo()
        return order.amount_total, order.currency_id

    def _approval_open_fields(self):
        # rows are marked by who decides: they ask for themselves
        return super()._approval_open_fields() | CONFIRMED | {"line_ids"}

    def _approval_check_submit(self):
        self._contract_check_next("submitted")
        for intake in self:
            if not intake.order_id.sudo().order_line.filtered(
                lambda line: not line.display_type
            ):
                raise UserError(
                    self.env._(
                        "%(order)s has no lines: there is nothing to compare.",
                        order=intake.order_id.display_name,
                    )
                )
            if not (intake.document_id or intake.attachment_ids):
                raise UserError(
                    self.env._(
                        "Attach the customer's order, or choose it among the filed "
                        "papers: the order desk compares with it."
                    )
                )
        return super()._approval_check_submit()

    def _approval_submitted(self):
        self._refresh()
        # what was wrong is looked at again; what was said of it stays
        self.line_ids.filtered(lambda line: line.result == "wrong").write(
            {"result": False}
        )
        self.write({"state": "submitted"})
        return super()._approval_submitted()

    def _approval_decide(self, decision, comment, outcome=False):
        if decision == "approved":
            self.check_access("read")
            for intake in self.sudo():
                if intake.approval_state == "pending":
                    intake._approval_check_contract()
                    intake._check_compared()
        return super()._approval_decide(decision, comment, outcome)

    def _check_compared(self):
        """Raise unless every row is as in the customer's paper, and the order as it
        was compared."""
        self.ensure_one()
        if wrong := self.line_ids.filtered(lambda line: line.result == "wrong"):
            raise UserError(
                self.env._(
                    "Return it, this is wrong: %(rows)s.",
                    rows=format_list(self.env, wrong.mapped("name")),
                )
            )
        if rest := self.line_ids.filtered(lambda line: not line.result):
            raise UserError(
                self.env._(
                    "Compare the rest with the customer's paper first: %(rows)s.",
                    rows=format_list(self.env, rest.mapped("name")),
                )
            )
        if changed := self._changed():
            raise UserError(
                self.env._(
                    "The order was changed meanwhile: %(rows)s. Take the changes over "
                    "and compare them.",
                    rows=format_list(self.env, changed),
                )
            )

    def _approval_approved(self):
        self.write({"state": "done"})
        return super()._approval_approved()

    def _approval_returned(self):
        if self._released():
            raise UserError(
                self.env._("It was released already: withdraw the release.")
            )
        return super()._approval_returned()
