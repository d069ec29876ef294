from collections import defaultdict

from odoo import models

from ..deviation.contract_deviation import OPEN_STATES


class ContractArchive(models.Model):
    """What the checklist of an archive asks, and what the documents of the contract
    answer by themselves: papers that are filed, originals that came back, deliveries
    that were signed for, invoices (D2 §16, D4 §7.2)."""

    _inherit = "contract.archive"

    # ------------------------------------------------------------------
    # The checklist
    # ------------------------------------------------------------------

    def _checklist_kind(self):
        return "frame" if self.frame_id else self.order_id.contract_kind or "contract"

    def _checklist_is_frozen(self):
        return self.state not in ("draft", "returned")

    def _checklist_parent_vals(self):
        return {**super()._checklist_parent_vals(), "archive_id": self.id}

    def _missing_lines(self):
        """The required questions whose answer is no."""
        self.ensure_one()
        return self.checklist_line_ids.filtered(
            lambda ln: ln.required and ln.result == "no"
        )

    def _checklist_answers(self, lines):
        answers = super()._checklist_answers(lines)
        archives = self.sudo().exists()
        for computed, questions in lines.grouped("computed").items():
            if computed == "paper":
                filed = archives._filed_types()
                answers |= {
                    (archive.id, question): (
                        "yes" if question.type_ids & filed[archive] else "no"
                    )
                    for archive in archives
                    for question in questions
                }
            elif computed in self._archive_questions():
                method = getattr(archives, f"_answer_{computed}")
                found = method()
                answers |= {
                    (archive.id, question): found[archive]
                    for archive in archives
                    for question in questions
                }
        return answers

    def _archive_questions(self):
        """The computed answers that archives know: a method ``_answer_<key>`` each,
        which returns ``{archive: "yes", "no" or "na"}``."""
        return {
            "archive_originals",
            "archive_supplements",
            "archive_review",
            "archive_letters",
            "archive_deviations",
            "archive_receipts",
            "archive_acceptance",
            "archive_invoices",
            "archive_settlement",
        }

    # ------------------------------------------------------------------
    # Answers
    # ------------------------------------------------------------------

    def _parts_of(self, model, *domain):
        """The records of a model that belong to the contracts of these archives, as
        ``{archive: records}``: one query."""
        Model = self.env[model].sudo()
        records = Model.search(
            [
                *domain,
                "|",
                ("order_id", "in", self.order_id.ids),
                ("frame_id", "in", self.frame_id.ids),
            ]
        )
        orders, frames = records.grouped("order_id"), records.grouped("frame_id")
        return {
            archive: orders.get(archive.order_id, Model)
            if archive.order_id
            else frames.get(archive.frame_id, Model)
            for archive in self
        }

    def _filed_types(self):
        papers = self._parts_of("contract.document")
        return {archive: papers[archive].type_id for archive in self}

    def _all_of(self, parts, is_fine):
        """Yes where all parts are fine, no where one isn't, na without any."""
        return {
            archive: ("yes" if all(map(is_fine, rows)) else "no") if rows else "na"
            for archive, rows in parts.items()
        }

    def _originals_out(self):
        """Originals that are neither with who keeps the files, nor with who hands them
        over, nor the customer's own."""
        out = self.env["contract.counterpart"].sudo()
        for archive, rows in self._parts_of(
            "contract.counterpart", ("copies_left", ">", 0)
        ).items():
            customer = archive._contract_parent().partner_id.commercial_partner_id
            out |= rows.filtered(
                lambda r, a=archive, c=customer: (
                    not (
                        r.department_id == a.department_id
                        if r.department_id
                        else r.user_id == a.user_id
                        if r.user_id
                        else r.holder_id.commercial_partner_id == c
                    )
                )
            )
        return out

    def _answer_archive_originals(self):
        held = self._parts_of("contract.counterpart", ("copies_left", ">", 0))
        out = self._originals_out()
        answers = self._all_of(held, lambda row: row not in out)
        for archive, rows in held.items():
            # those that only the customer has are none of ours
            if answers[archive] == "yes" and all(row.holder_id for row in rows):
                answers[archive] = "no"
        return answers

    def _answer_archive_supplements(self):
        return self._all_of(
            self._parts_of("contract.reagreement", ("state", "=", "done")),
            lambda row: row.document_id,
        )

    def _answer_archive_review(self):
        reviews = self._parts_of("contract.review", ("state", "!=", "void"))
        return self._all_of(
            {archive: rows.sorted("id")[-1:] for archive, rows in reviews.items()},
            lambda row: row.state == "approved",
        )

    def _answer_archive_letters(self):
        return self._all_of(
            self._parts_of("contract.coordination", ("state", "!=", "void")),
            lambda row: row.state == "closed",
        )

    def _answer_archive_deviations(self):
        return self._all_of(
            self._parts_of("contract.deviation", ("state", "!=", "cancelled")),
            lambda row: row.state not in OPEN_STATES,
        )

    def _answer_archive_receipts(self):
        pickings = self.env["stock.picking"].sudo()
        pickings = pickings.search(
            [
                ("sale_id", "in", self.order_id.ids),
                ("contract_is_delivery", "=", True),
            ]
        ).grouped("sale_id")
        return self._all_of(
            {archive: pickings.get(archive.order_id, ()) for archive in self},
            lambda picking: picking.contract_receipt_filed,
        )

    def _answer_archive_acceptance(self):
        source = ("type_id.source", "=", "acceptance")
        accepted = self._parts_of("contract.event", source)
        asked = defaultdict(bool)
        for archive, terms in self._parts_of("contract.term").items():
            types = terms.event_type_id | terms.alt_event_type_id
            asked[archive] = "acceptance" in types.mapped("source")
        return {
            archive: "yes" if accepted[archive] else "no" if asked[archive] else "na"
            for archive in self
        }

    def _answer_archive_invoices(self):
        answers = {}
        for archive in self:
            order = archive.order_id
            drafts = order.invoice_ids.filtered(lambda m: m.state == "draft")
            if drafts or order.invoice_status in ("to invoice", "upselling"):
                answers[archive] = "no"
            else:
                posted = order.invoice_ids.filtered(lambda m: m.state == "posted")
                answers[archive] = "yes" if posted else "na"
        return answers

    def _answer_archive_settlement(self):
        """Asked of contracts that are settled, and of all where the company says that
        the settlement comes first."""
        return {
            archive: "yes"
            if (order := archive.order_id) and order._contract_is_settled()
            else "no"
            if order
            and (
                order.contract_settlement_ids.filtered(lambda s: s.state != "void")
                or archive.company_id.contract_archive_settled
            )
            else "na"
            for archive in self
        }
