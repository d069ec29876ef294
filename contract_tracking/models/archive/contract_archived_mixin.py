from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.guard import unguarded
from ..contract.sale_order import READER

# States of contracts and of frame agreements that ended.
ENDED = ("completed", "terminated", "closed", "cancelled")


class ContractArchivedMixin(models.AbstractModel):
    """A contract or a frame agreement whose files are archived once it is over."""

    _name = "contract.archived.mixin"
    _description = "Archived Contract"

    contract_archive_state = fields.Selection(
        selection=lambda self: (
            self.env["contract.archive"]
            ._fields["state"]
            ._description_selection(self.env)
        ),
        string="Archive",
        compute="_compute_contract_archive_state",
        compute_sudo=True,
        groups=READER,
        help="Whether the files of the contract are archived.",
    )

    def _compute_contract_archive_state(self):
        for parent in self:
            parent.contract_archive_state = parent.contract_archive_ids[:1].state

    def action_contract_archive(self):
        """Open the archive of the files; one that nobody asked for begins now.

        :raise UserError: if the contract isn't over, or nobody keeps files
        """
        self.ensure_one()
        archive = self.sudo().contract_archive_ids[:1]
        if archive:
            archive = archive.with_env(self.env)
            archive.check_access("read")
            return archive._open_form()
        self._contract_check_follows()
        self.check_access("read")
        parent = self.sudo()
        if not parent._contract_is_over():
            raise UserError(
                self.env._(
                    "%(contract)s is “%(state)s”: its files are archived when it is "
                    "over.",
                    contract=self.display_name,
                    state=self._contract_state_label(),
                )
            )
        if not parent.company_id.contract_archive_department_id:
            raise UserError(
                self.env._(
                    "No department keeps files: an administrator chooses it in "
                    "Settings ‣ Contracts."
                )
            )
        archive = parent._contract_open_archive()
        return archive.with_env(self.env)._open_form()

    def _contract_is_over(self):
        """Whether it took effect and ended."""
        raise NotImplementedError

    def _contract_ended_before(self):
        """Those of these that ended already, by their own state: core cancels an order
        before its contract follows."""
        return self.sudo().filtered(
            lambda parent: parent[parent._contract_state_field] in ENDED
        )

    def _contract_ask_archive(self, before):
        """Ask for the files of those that are over, where the company does; of one that
        goes on again, as an order that was cancelled by mistake, until it ends.

        :param before: those that had ended already
        """
        over = self.sudo().filtered(lambda parent: parent._contract_is_over())
        if again := (before - over).contract_archive_ids:
            again._contract_goes_on()
        if ended := (over - before).contract_archive_ids:
            ended._contract_ended_again()
        asked = over.filtered(
            lambda p: (
                p.company_id.contract_archive_days
                and p.company_id.contract_archive_department_id
            )
        )
        if asked:
            (asked - asked.filtered("contract_archive_ids"))._contract_open_archive()

    def _contract_open_archive(self):
        """Make the archives of these: due so many days after the end."""
        vals_list = []
        for parent in self:
            company = parent.company_id
            day = parent._contract_ended_day()
            kind = "frame" if self._contract_parent_field == "frame_id" else False
            kind = kind or parent.contract_kind or "contract"
            category = self.env["contract.archive.category"]._fit(company, kind)
            vals_list.append(
                {
                    **parent._contract_part_vals(),
                    "user_id": parent._contract_responsible().id,
                    "department_id": company.contract_archive_department_id.id,
                    "category_id": category.id,
                    "ended_on": day,
                    "date_due": parent._contract_archive_due(day),
                }
            )
        return unguarded(self.env["contract.archive"].sudo()).create(vals_list)

    def _contract_archive_due(self, day):
        """Until when its files are handed over.

        :param day: on which it ended
        """
        days = self.company_id.contract_archive_days
        # who archives it unasked does it today
        return day + timedelta(days=days) if days else self._contract_today()
