from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date, format_list, plaintext2html

from ...tools.gate import Step
from ...tools.guard import is_unguarded, unguarded
from ..delivery.stock_picking import DELIVERED, DELIVERY

ASK = "contract_tracking.mail_activity_gate"
# What marking the documents released writes.
RELEASE = {"contract_documents_date", "contract_documents_kind"}

# Deliveries to customers of contracts that didn't leave yet.
WAITING = Domain("state", "not in", ("done", "cancel")) & Domain(
    "sale_id.contract_state", "not in", (False, "cancelled")
)
# What left and whose documents wait for money.
DOCUMENTS = (
    DELIVERED
    & Domain("contract_documents_date", "=", False)
    & Domain("sale_id.contract_term_ids.precedes", "=", "documents")
)


class StockPicking(models.Model):
    """Whether a delivery may leave, and whether its documents may be handed over (放单,
    电放): what speaks against it stands on it from its creation on."""

    _inherit = "stock.picking"

    contract_gate_state = fields.Selection(
        [("warn", "Warned"), ("hold", "Held")],
        string="Gate",
        compute="_compute_contract_gate",
        search="_search_contract_gate_state",
        groups=DELIVERY,
        help="Held: the goods may not leave before the reason is gone or somebody "
        "permitted it.",
    )
    contract_gate_text = fields.Text(
        string="Why It Is Held",
        compute="_compute_contract_gate",
        groups=DELIVERY,
    )
    contract_gate_asked = fields.Boolean(
        string="Owner Was Asked",
        compute="_compute_contract_gate_asked",
        groups=DELIVERY,
    )
    contract_documents_date = fields.Date(
        string="Documents Released",
        copy=False,
        readonly=True,
        groups=DELIVERY,
        help="Day on which the bill of lading was handed over, or released by telex.",
    )
    contract_documents_kind = fields.Selection(
        [("original", "Original bill of lading"), ("telex", "Telex release")],
        string="Released As",
        copy=False,
        readonly=True,
        groups=DELIVERY,
    )
    contract_documents_due = fields.Boolean(
        string="Documents to Release",
        compute="_compute_contract_documents_due",
        groups=DELIVERY,
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends_context("lang")
    @api.depends("state", "move_ids.product_uom_qty", "move_ids.quantity", "sale_id")
    def _compute_contract_gate(self):
        found = self._origin.sudo()._contract_gate_found()
        for picking in self:
            reasons = found.get(picking._origin, ())
            holds = any(reason.action == "hold" for reason in reasons)
            picking.contract_gate_state = reasons and ("hold" if holds else "warn")
            picking.contract_gate_text = "\n".join(r.text for r in reasons) or False

    def _search_contract_gate_state(self, operator, value):
        self._check_field_access(self._fields["contract_gate_state"], "read")
        if operator != "in":
            return NotImplemented
        domain = WAITING
        if set(value) == {"hold"}:
            domain &= self.env["contract.gate"].sudo()._holdable()
        states = self._contract_gate_states(domain | DOCUMENTS)
        found = Domain("id", "in", [id_ for id_, s in states.items() if s in value])
        if False in value:
            found |= Domain("id", "not in", list(states))
        return found

    @api.depends("sale_id.activity_ids")
    def _compute_contract_gate_asked(self):
        asked = self._origin.sudo()._contract_gate_activities()
        for picking in self:
            picking.contract_gate_asked = any(
                picking._origin.sudo()._contract_asked_by(activity)
                for activity in asked
            )

    @api.depends(
        "contract_documents_date", "state", "sale_id.contract_term_ids.precedes"
    )
    def _compute_contract_documents_due(self):
        due = self._origin.sudo().filtered_domain(DOCUMENTS)
        for picking in self:
            picking.contract_documents_due = picking._origin in due

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # a client names defaults in the context too
        self._contract_check_release(
            {name for name in RELEASE if f"default_{name}" in self.env.context}
        )
        for vals in vals_list:
            self._contract_check_release(vals.keys())
        return super().create(vals_list)

    def write(self, vals):
        self._contract_check_release(vals.keys())
        return super().write(vals)

    def _action_done(self):
        added = self.move_ids.filtered(lambda move: not move.sale_line_id)
        res = super()._action_done()
        # core links what the warehouse added only now
        added.exists().filtered("sale_line_id")._contract_gate_hold()
        return res

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_contract_ask_owner(self):
        """Ask who follows the contract to open the gate: he gets an activity.

        :raise UserError: if nothing holds the delivery, or nobody follows the contract
        """
        self.check_access("read")
        found = self.sudo()._contract_gate_found()
        asked = self.env["res.users"]
        for picking in self.sudo():
            order = picking.sale_id
            if picking not in found:
                raise UserError(
                    self.env._(
                        "Nothing speaks against %(delivery)s: it can leave.",
                        delivery=picking.name,
                    )
                )
            owner = (order.contract_owner_id | order.user_id).filtered("active")[:1]
            if not owner:
                raise UserError(
                    self.env._(
                        "Nobody follows %(contract)s: name its owner first.",
                        contract=order.contract_number or order.name,
                    )
                )
            asked |= owner
            if not picking.contract_gate_asked:
                theirs = picking.with_context(lang=owner.lang)
                reasons = theirs._contract_gate_found()[theirs]
                order.activity_schedule(
                    ASK,
                    user_id=owner.id,
                    summary=theirs._contract_ask_text(),
                    note=plaintext2html("\n".join(r.text for r in reasons)),
                )
            picking.message_post(
                body=self.env._("Asked %(owner)s to open the gate.", owner=owner.name)
            )
        names = format_list(self.env, asked.mapped("name"))
        return self.env["contract.form.mixin"]._open_notice(
            self.env._("%(owner)s was asked.", owner=names)
        )

    def action_contract_release_telex(self):
        """Mark the documents released by telex (电放), if the gate lets them."""
        return self._contract_release("telex")

    def action_contract_release_original(self):
        """Mark the originals handed over (放单), if the gate lets them."""
        return self._contract_release("original")

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _contract_gate_found(self):
        """What speaks against these deliveries: ``{delivery: [Reason, …]}``."""
        result = {}
        moves = self.filtered_domain(WAITING).move_ids
        found = moves._contract_gate_found()
        documents = self.filtered_domain(DOCUMENTS)._contract_documents_steps()
        found |= self.env["contract.gate"]._found(documents)
        for step, reasons in found.items():
            result.setdefault(step.pickings, []).extend(reasons)
        return result

    @api.model
    def _contract_gate_states(self, domain):
        """``{id: "hold" or "warn"}`` of those deliveries of a domain that something
        speaks against; costs more, the more deliveries are in it."""
        found = self.sudo().search(domain)._contract_gate_found()
        return {
            picking.id: "hold" if any(r.action == "hold" for r in reasons) else "warn"
            for picking, reasons in found.items()
        }

    def _contract_documents_steps(self):
        """The release of the documents of what left with these deliveries: a step a
        contract and delivery."""
        return [
            Step(order, "documents", pickings=picking, moves=moves)
            for picking in self
            for order, moves in picking.move_ids.filtered(
                lambda move: move._contract_has_left()
            )
            .grouped(lambda move: move.sale_line_id.order_id)
            .items()
            if order.contract_state
        ]

    def _contract_gate_activities(self):
        """The open questions to the owners of these deliveries' contracts."""
        return self.env["mail.activity"].search(
            [
                ("res_model", "=", "sale.order"),
                ("res_id", "in", self.sale_id.ids),
                (
                    "activity_type_id",
                    "=",
                    self.env["ir.model.data"]._xmlid_to_res_id(ASK),
                ),
            ]
        )

    def _contract_asked_by(self, activity):
        """Whether a question to an owner is about this delivery."""
        self.ensure_one()
        mine = activity.res_id == self.sale_id.id
        return mine and self.name in (activity.summary or "").split()

    def _contract_ask_text(self):
        self.ensure_one()
        return self.env._("%(delivery)s is held", delivery=self.name)

    def _contract_check_release(self, names):
        if RELEASE & names and not is_unguarded(self):
            raise UserError(
                self.env._(
                    "Documents are released by the buttons of the delivery, so that "
                    "the gate is asked."
                )
            )

    def _contract_release(self, kind):
        """Mark the documents of these deliveries released.

        :raise UserError: with every reason and the way on
        """
        self._contract_check_recorder()
        pickings = self.sudo()
        for picking in pickings:
            picking._contract_check_delivered()
            if picking.contract_documents_date:
                raise UserError(
                    self.env._(
                        "The documents of %(delivery)s were released on %(date)s.",
                        delivery=picking.name,
                        date=format_date(self.env, picking.contract_documents_date),
                    )
                )
        self.env["contract.gate"].sudo()._hold(pickings._contract_documents_steps())
        old = {picking: {"contract_documents_date": False} for picking in pickings}
        for company, released in pickings.grouped("company_id").items():
            unguarded(released).write(
                {
                    "contract_documents_date": company._contract_today(),
                    "contract_documents_kind": kind,
                }
            )
        pickings._contract_log_receipt(old)
        return True

    @api.model
    def _cron_contract_gate_answered(self):
        """Take away the questions to owners whose deliveries are held no more."""
        kind = self.env["ir.model.data"]._xmlid_to_res_id(ASK)
        asked = self.env["mail.activity"].search(
            [("res_model", "=", "sale.order"), ("activity_type_id", "=", kind)]
        )
        orders = self.env["sale.order"].browse(asked.mapped("res_id")).exists()
        held = orders.picking_ids._contract_gate_found()
        for activity in asked:
            if not any(picking._contract_asked_by(activity) for picking in held):
                activity.action_feedback(feedback=self.env._("It is held no more."))
