from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_list

from ...tools.guard import unguarded
from .contract_archive import COLLECTING, DISPOSING, WRITTEN


class ContractArchive(models.Model):
    """How files are handed over: what is asked before, who takes them, how they are
    numbered, and that the originals are there."""

    _inherit = "contract.archive"

    def _refuse_taker(self):
        """Why the user can't take these files, or False: nobody takes what he handed
        over himself."""
        if refusal := self._refuse_keeper():
            return refusal
        archive = self.sudo()
        own = archive.company_id.contract_own_decisions
        if self.env.user == archive.submitted_by_id and not own:
            return self.env._(
                "You handed these files over yourself: a colleague takes them."
            )
        return False

    def _refuse_confidential(self):
        """Why the user can't say whether it is confidential, or False."""
        if not self.sudo()._contract_parent()._contract_refuse_business():
            return False
        return self._refuse_keeper() and self.env._(
            "Who keeps the files, or the business office, says whether they are "
            "confidential."
        )

    def _check_waive(self):
        """
        :raise UserError: unless the user may waive what is missing
        """
        for archive in self:
            parent = archive.sudo()._contract_parent()
            if not (self.env.su or parent._contract_is_head(self.env.user)):
                raise UserError(
                    self.env._(
                        "The head of the office, or the business office, waives what "
                        "is missing in %(document)s.",
                        document=archive.display_name,
                    )
                )

    def _reason_steps(self):
        return {
            **super()._reason_steps(),
            "return_archive": self._reason_step(
                self.env._("Return: What Is Missing"), "_return"
            ),
        }

    def _return(self, reason):
        """Return the files to who handed them over, saying why: their papers may be
        corrected then.

        :raise UserError: if something of them is lent, or being disposed of
        """
        self._contract_begin("returned")
        archive = unguarded(self.sudo())
        archive._lock()
        archive._check_here()
        archive.write(
            {
                "state": "returned",
                "missing_text": reason,
                "returned_count": archive.returned_count + 1,
            }
        )
        lines = archive.checklist_line_ids.filtered("kept_answer")
        unguarded(lines).write({"kept_answer": False})
        self._note(
            {self.id: self.env._("Returned, missing: %(reason)s", reason=reason)}
        )
        self._sync_activities()

    def _contract_goes_on(self):
        """Their contracts are not over any more: what nobody worked on goes, the rest
        waits until they end."""
        untouched = self - self.filtered_domain(self._recorded_domain())
        untouched -= untouched.filtered(
            lambda archive: (
                archive.checklist_line_ids.user_id
                or any(archive[name] for name in WRITTEN)
            )
        )
        unguarded(untouched).unlink()
        (self - untouched)._sync_activities()

    def _contract_ended_again(self):
        """Their contracts ended once more, today: the years count from this day."""
        for archive in unguarded(self):
            parent = archive._contract_parent()
            today = parent._contract_today()
            archive.write({"ended_on": today})
            if archive.state in COLLECTING:
                archive.date_due = parent._contract_archive_due(today)
        self._sync_activities()

    def _check_ready(self):
        """
        :raise UserError: if something that belongs to the files isn't there
        """
        archive = self.sudo()
        order = archive.order_id
        if not archive._contract_parent()._contract_is_over():
            raise UserError(
                self.env._(
                    "%(contract)s is “%(state)s”: its files are archived when it is "
                    "over.",
                    contract=archive._contract_parent().display_name,
                    state=archive._contract_parent()._contract_state_label(),
                )
            )
        first = order and archive.company_id.contract_archive_settled
        if first and not order._contract_is_settled():
            raise UserError(
                self.env._(
                    "%(contract)s is archived once its settlement is confirmed.",
                    contract=order.display_name,
                )
            )
        # as it is now, not as somebody saw it before
        archive.checklist_line_ids.invalidate_recordset(["result"])
        self._checklist_check_filled()
        if out := archive._originals_out():
            raise UserError(
                self.env._(
                    "Originals of %(contract)s are not back: %(holders)s. Write down "
                    "where they went before the files are handed over.",
                    contract=archive._contract_parent().display_name,
                    holders=format_list(self.env, out.mapped("display_name")),
                )
            )
        if missing := archive._missing_lines():
            raise UserError(
                self.env._(
                    "The files of %(contract)s are not complete:\n%(papers)s\nFile "
                    "what is missing, or let it be waived with a reason.",
                    contract=archive._contract_parent().display_name,
                    papers="\n".join(f"- {line.name}" for line in missing),
                )
            )

    def _lock(self):
        """Let one transaction at a time lend, return or dispose of these: a second one
        fails on the row that the first wrote, and is retried by core."""
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE contract_archive SET state = state WHERE id = ANY(%s)",
                self.ids,
            )
        )
        self.invalidate_recordset(["state"])

    def _check_here(self):
        """
        :raise UserError: if something of it is lent, or it is being disposed of
        """
        for archive in self.sudo():
            if archive.is_lent:
                raise UserError(
                    self.env._(
                        "%(document)s is lent: %(borrowers)s.",
                        document=archive.display_name,
                        borrowers=archive.lent_text,
                    )
                )
            running = archive.disposal_ids.filtered(lambda d: d.state in DISPOSING)
            if running:
                raise UserError(
                    self.env._(
                        "%(document)s is on the disposal list %(list)s.",
                        document=archive.display_name,
                        list=running[0].name,
                    )
                )

    def _take_originals(self):
        """The originals that who hands the files over has go to who keeps them."""
        self.ensure_one()
        rows = self._contract_parent().contract_counterpart_ids
        given = rows.filtered(
            lambda r: r.copies_left and r.user_id and r.user_id == self.user_id
        )
        rows.create(
            [
                {
                    **row._contract_parent_vals(),
                    "from_id": row.id,
                    "copies": row.copies_left,
                    "department_id": self.department_id.id,
                    "date": self.company_id._contract_today(),
                    "seals": row.seals,
                    "document_id": row.document_id.id,
                }
                for row in given
            ]
        )
        if not self.originals:
            rows = self._contract_parent().contract_counterpart_ids
            here = rows.filtered(lambda r: r.department_id == self.department_id)
            self.originals = sum(here.mapped("copies_left"))

    def _next_archive_no(self):
        """Draw an index number by the company's scheme; a counter for each category
        that the scheme names, and for each year."""
        self.ensure_one()
        scheme = self.company_id.contract_archive_scheme
        day = self.company_id._contract_today()
        code = "contract.archive.no"
        if "{category}" in scheme:
            code = f"{code}.{self.category_id.code}"
        Sequence = self.env["ir.sequence"].sudo()
        domain = [("code", "=", code), ("company_id", "=", self.company_id.id)]
        sequence = Sequence.search(domain, limit=1) or Sequence.create(
            {
                "name": self.env._("Index numbers: %(code)s", code=code),
                "code": code,
                "padding": 4,
                "use_date_range": "{year}" in scheme,
                "company_id": self.company_id.id,
            }
        )
        while True:
            number = scheme.format(
                category=self.category_id.code,
                year=day.year,
                number=sequence.next_by_id(sequence_date=day),
            )
            # a scheme that was changed may come upon numbers of before
            taken = Domain("archive_no", "=", number)
            if not self.search_count(
                taken & Domain("company_id", "=", self.company_id.id), limit=1
            ):
                return number
