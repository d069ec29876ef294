from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.windows import form_window

CLAUSE_TYPES = [
    ("quality", "Quality standard"),
    ("acceptance", "Acceptance"),
    ("after_sales", "After-sales service"),
    ("liability", "Breach liability"),
    ("dispute", "Dispute resolution"),
    ("packing", "Packing and transport"),
    ("title", "Title and risk"),
    ("force_majeure", "Force majeure"),
    ("confidentiality", "Confidentiality"),
    ("intellectual", "Intellectual property"),
    ("effect", "Effect, change and termination"),
    ("other", "Other"),
]
EFFECT = "contract_tracking.event_type_effect"


class ContractClause(models.Model):
    """A standard clause of the library, with the law that it goes by, in every
    language that the company writes contracts in. A contract that takes it keeps its
    words as they are then. Serves D2 §5, D4 §4.2 and D5 §4.2."""

    _name = "contract.clause"
    _inherit = ["contract.shared.mixin"]
    _description = "Standard Clause"
    _order = "clause_type, sequence, id"

    name = fields.Char(string="Title", required=True, translate=True)
    clause_type = fields.Selection(
        CLAUSE_TYPES, required=True, default="other", index=True
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    text = fields.Text(required=True, translate=True)
    legal_reference = fields.Char(
        translate=True, help="The law that the clause goes by, as it is cited."
    )
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: usable in every company."
    )
    contract_kind = fields.Selection(
        [
            ("contract", "Contract"),
            ("order", "Product order"),
            ("call_off", "Call-off order"),
            ("frame", "Frame agreement"),
        ],
        string="Binding Document",
        help="Empty: for every kind.",
    )

    def _term_vals(self):
        """Values of a term that is this clause: it holds from the contract's taking
        effect on."""
        self.ensure_one()
        return {
            "kind": "clause",
            "name": self.name,
            "clause_id": self.id,
            "clause_type": self.clause_type,
            "clause_text": self.text,
            "legal_reference": self.legal_reference,
        }

    @api.model
    def _standing_vals(self):
        """When a clause falls due that has no day: it is kept from the beginning."""
        return {
            "is_standing": True,
            "due_mode": "event",
            "event_type_id": self.env.ref(EFFECT).id,
        }

    @api.model
    def _fitting(self, parent):
        """The clauses for a contract or a frame agreement, those of its company and its
        kind first."""
        kind = parent.sudo()._contract_clause_kind()
        clauses = self.search(
            Domain("company_id", "in", [parent.sudo().company_id.id, False])
            & Domain("contract_kind", "in", [kind, False])
        )
        return clauses.sorted(
            lambda c: (not c.company_id, not c.contract_kind, c.sequence, c.id)
        )


class ContractParentMixin(models.AbstractModel):
    """The clause terms of a contract or of a frame agreement."""

    _inherit = "contract.parent.mixin"

    @api.readonly
    def action_contract_clauses(self):
        """Open the window that puts standard clauses into the contract."""
        self.ensure_one()
        return form_window(
            "contract.clause.choice",
            self.env._("Standard Clauses"),
            {self._contract_parent_field: self.id},
        )

    def _contract_clause_kind(self):
        """The kind of contract by which clauses are chosen."""
        self.ensure_one()
        kind = "contract_kind" in self._fields and self.contract_kind
        return kind or ("frame" if self._name == "contract.frame" else "contract")

    def _contract_clauses(self):
        """The clause terms that are agreed."""
        self.ensure_one()
        terms = self.env["contract.term"].search(
            Domain(self._contract_parent_field, "=", self.id)
            & Domain("kind", "=", "clause")
            & Domain("valid_to", "=", False)
            & Domain("waived_on", "=", False)
        )
        return terms
