from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# What may be recorded by hand as well, or only: False stands for no source.
RECORDED = (False, "receipt", "bl", "acceptance")


class ContractEventType(models.Model):
    """A kind of dated event that terms hang on.

    Events with a source are read from the ERP; the others are recorded with a date
    and evidence on the contract (:mod:`contract.event`). Receipt, B/L and acceptance
    are both: read where the system knows them, recorded by hand where it doesn't
    (services, contracts without deliveries).
    """

    _name = "contract.event.type"
    _inherit = ["contract.shared.mixin", "contract.facts.source"]
    _description = "Contract Event Type"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    source = fields.Selection(
        [
            ("signing", "Signing date of the contract"),
            ("effect", "Effective date of the contract"),
            ("deposit", "Deposit received in full"),
            ("dispatch", "Goods delivered (deliveries done)"),
            ("receipt", "Customer's receipt (deliveries signed for)"),
            ("bl", "B/L date of deliveries"),
            ("acceptance", "Acceptance by the customer, or deemed acceptance"),
            ("invoice", "Customer invoices posted"),
            ("statement", "Month-end after delivery (monthly settlement)"),
        ],
        string="Read From",
        help="Where the date comes from. Leave empty for an event that somebody "
        "records with a date and evidence. Receipt, B/L date and acceptance can be "
        "recorded by hand too.",
    )

    _source_uniq = models.UniqueIndex(
        "(source) WHERE source IS NOT NULL",
        "There is already an event type that is read from this source.",
    )

    def write(self, vals):
        if "source" in vals:
            self._check_source(vals["source"] or False)
        return super().write(vals)

    def _check_source(self, source):
        """Raise if a term in effect falls due with an event that would be read from
        somewhere else: it is agreed what it is."""
        changed = self.filtered(lambda event: event.source != source)
        term = (
            self.env["contract.term"]
            .sudo()
            .search(
                Domain("stamped", "=", True)
                & (
                    Domain("event_type_id", "in", changed.ids)
                    | Domain("alt_event_type_id", "in", changed.ids)
                ),
                limit=1,
            )
        )
        if term:
            event = changed & (term.event_type_id | term.alt_event_type_id)
            raise UserError(
                self.env._(
                    "Terms in effect fall due with “%(event)s”: where it is read from "
                    "can't be changed any more. Make another event type.",
                    event=event[0].name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_read(self):
        if any(self.mapped("source")):
            raise UserError(
                self.env._(
                    "Event types that are read from the system can't be deleted; "
                    "archive them instead."
                )
            )
