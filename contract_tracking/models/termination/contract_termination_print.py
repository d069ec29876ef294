from odoo import models
from odoo.tools import format_list

from ...tools.pages import Column
from ...tools.words import choice

# What is to be filled in by hand has room for it.
ROOM = "\n\n"


class ContractTermination(models.Model):
    """What the printed 合同中止/解除审批表 shows, and the letter 解除通知函, which says
    to the customer what is meant for him alone."""

    _inherit = "contract.termination"

    def _form_title(self):
        if self.kind == "suspend":
            return self.env._("Approval of a Contract Suspension")
        return self.env._("Approval of a Contract Termination")

    def _form_blocks(self):
        self.ensure_one()
        notice = []
        if self.is_unilateral or self.notice_text:
            notice = [
                self._form_text(self.env._("Text of the notice"), self.notice_text)
            ]
        return [
            self._form_head(),
            self._form_text(self.env._("Reason"), self.reason or ROOM),
            *notice,
            *([self._form_losses(), self._form_penalties()] if self.order_id else []),
            *([self._form_deliveries()] if self.delivery_ids else []),
            *([self._form_opinions()] if self._form_decided() else []),
            self._form_sign(),
        ]

    def _form_head(self):
        env = self.env
        record = self.sudo()
        notice = [choice(self, "notice_means"), self._form_date(self.notice_date)]
        cells = [
            (env._("Customer"), self.partner_name),
            (env._("Contract No."), self.contract_no),
            (env._("Report Date"), self._form_date(self.date)),
            (env._("Effective From"), self._form_date(self.date_from)),
            (env._("Office"), record.team_id.name),
            (env._("Prepared By"), record.user_id.name),
            (env._("Legal basis"), choice(self, "basis") if self.basis else ""),
            (
                env._("Way"),
                env._("Notice of one side")
                if self.is_unilateral
                else env._("Consent of both sides"),
            ),
            (env._("Notice delivered"), " ".join(filter(None, notice))),
            (env._("Objection until"), self._form_date(self.date_objection)),
        ]
        if self.kind == "suspend":
            moves = env._("Yes") if self.dates_move else env._("No")
            cells += [
                (env._("Planned until"), self._form_date(self.date_resume)),
                (env._("Days move with it"), moves),
            ]
        wide = [
            (env._("Proof"), record.document_id.display_name or ""),
            (env._("Consent"), record.consent_id.display_name or ""),
        ]
        if self.is_unilateral:
            wide.append((env._("Clause or law"), self._form_ground()))
        return self._form_cells(cells, wide=wide)

    def _form_ground(self):
        """The clause in its words, and the law."""
        clause = self.sudo().clause_id
        parts = (clause.display_name, clause.clause_text, self.legal_reference)
        return "\n".join(filter(None, parts))

    def _form_losses(self):
        """What is lost, as it was when the document was submitted."""
        fnames = (
            "delivered_unpaid",
            "delivered_not_invoiced",
            "retention",
            "reserved",
            "deposit",
            "owed_by_customer",
            "owed_by_us",
            "balance",
        )
        return self._form_table(
            "losses",
            self.env._("Assessment of the loss, taxes included"),
            [
                Column(self.env._("Figure"), 70, self._form_loss_name),
                Column(
                    self.env._("Amount"),
                    30,
                    lambda fname: self._form_amount(self[fname]),
                    "right",
                ),
            ],
            fnames,
        )

    def _form_loss_name(self, fname):
        return self._fields[fname]._description_string(self.env)

    def _form_penalties(self):
        return self._form_table(
            "penalties",
            self.env._("Penalties and claims"),
            [
                Column(self.env._("Who owes"), 22, lambda row: choice(row, "debtor")),
                Column(self.env._("What"), 22, lambda row: choice(row, "kind")),
                Column(self.env._("Basis"), 36, "name"),
                Column(self.env._("Amount"), 20, "amount", "amount"),
            ],
            self.penalty_ids,
        )

    def _form_deliveries(self):
        return self._form_table(
            "deliveries",
            self.env._("Open deliveries"),
            [
                Column(
                    self.env._("Delivery"), 40, lambda row: row.picking_id.name or ""
                ),
                Column(
                    self.env._("What Becomes of It"),
                    30,
                    lambda row: choice(row, "choice"),
                ),
                Column(self.env._("Note"), 30, "note"),
            ],
            self.sudo().delivery_ids,
        )

    def _form_decided(self):
        """The steps of those who decided, in their order."""
        steps = self.sudo()._approval_round_steps()
        return steps.filtered("decided_on").sorted(
            lambda step: (step.sequence, step.decided_on)
        )

    def _form_opinions(self):
        return self._form_table(
            "opinions",
            self.env._("Opinions"),
            [
                Column(
                    self.env._("Approval Step"),
                    22,
                    self._form_step,
                ),
                Column(self.env._("Decided By"), 18, "decided_by_name"),
                Column(self.env._("Decision"), 16, lambda row: choice(row, "state")),
                Column(self.env._("Opinion"), 44, "comment"),
            ],
            self._form_decided(),
        )

    def _form_signatures(self):
        rows = self._approval_signed(
            self.env._("Legal Affairs"), self.env._("Sales Head"), self.env._("Leader")
        )
        return self._approval_signatures(self.env._("Prepared By"), rows)

    # ------------------------------------------------------------------
    # The letter
    # ------------------------------------------------------------------

    def _letter_title(self):
        if self.kind == "suspend":
            return self.env._("Notice of Suspension")
        return self.env._("Notice of Termination")

    def _letter_facts(self):
        """What the reader is told: labels with their values, without what is ours."""
        env = self.env
        rows = [
            (env._("Contract No."), self.contract_no),
            (env._("Legal basis"), choice(self, "basis") if self.basis else ""),
            (env._("Clause or law"), self._form_ground()),
            (self._letter_from(), self._form_date(self.date_from)),
        ]
        if self.kind == "suspend":
            rows.append((env._("Planned until"), self._form_date(self.date_resume)))
        if self.objection_days:
            days = env._("%(days)s days from its delivery", days=self.objection_days)
            rows.append((env._("Objections within"), days))
        kept = self.sudo().delivery_ids.filtered(lambda d: d.choice == "keep")
        if self.kind == "terminate" and kept:
            names = format_list(env, kept.picking_id.mapped("name"))
            rows.append((env._("Still to be delivered"), names))
        return [(label, value) for label, value in rows if value]

    def _letter_from(self):
        if self.kind == "suspend":
            return self.env._("Suspended from")
        return self.env._("Ends on")
