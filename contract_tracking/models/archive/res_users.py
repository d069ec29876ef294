from odoo import models

# Who reads confidential files whatever contract they are of.
READING = ("business", "leader", "auditor")


class ResUsers(models.Model):
    _inherit = "res.users"

    def _contract_open_files_domain(self):
        """For rules of what is filed on contracts: without what belongs to a
        confidential archive, for everybody but the business office, leaders and
        auditors, who keeps it, who handed it over, and the owner of the contract."""
        self.ensure_one()
        if any(
            self.has_group(f"contract_tracking.group_contract_{r}") for r in READING
        ):
            return [(1, "=", 1)]
        closed = (
            "contract_archive_ids",
            "any",
            [("is_confidential", "=", True), *self._contract_not_my_archive()],
        )
        return [
            ("order_id", "not any", [closed, *self._contract_not_mine("order_id")]),
            ("frame_id", "not any", [closed, *self._contract_not_mine("frame_id")]),
        ]

    def _contract_kept_files_domain(self):
        """For read-only rules of papers: of the archives that his department was
        handed."""
        self.ensure_one()
        kept = (
            "contract_archive_ids",
            "any",
            [
                ("submitted_on", "!=", False),
                ("department_id", "any", self._contract_keeps_domain()),
            ],
        )
        return ["|", ("order_id", "any", [kept]), ("frame_id", "any", [kept])]

    def _contract_open_archives_domain(self):
        """For rules of archives: the same of the archives themselves."""
        self.ensure_one()
        if any(
            self.has_group(f"contract_tracking.group_contract_{r}") for r in READING
        ):
            return [(1, "=", 1)]
        return [
            "!",
            "&",
            "&",
            "&",
            ("is_confidential", "=", True),
            "&",
            "&",
            *self._contract_not_my_archive(),
            ("order_id", "not any", self._contract_mine("order_id")),
            ("frame_id", "not any", self._contract_mine("frame_id")),
        ]

    def _contract_open_answers_domain(self):
        """For rules of answers to checklists: the same of those of archives."""
        archives = self._contract_open_archives_domain()
        return ["|", ("archive_id", "=", False), ("archive_id", "any", archives)]

    def _contract_not_my_archive(self):
        """Three conditions: neither keeps he it nor handed he it over."""
        return [
            ("department_id", "not any", self._contract_keeps_domain()),
            ("user_id", "!=", self.id),
            ("custodian_id", "!=", self.id),
        ]

    def _contract_keeps_domain(self):
        """The departments that he leads or belongs to."""
        return ["|", ("head_id", "=", self.id), ("member_ids", "=", self.id)]

    def _contract_mine(self, fname):
        """The contracts, or frame agreements, that he answers for: as their owner, or
        as the salesperson where they have none."""
        if fname == "frame_id":
            return [("owner_id", "=", self.id)]
        return [
            "|",
            ("contract_owner_id", "=", self.id),
            "&",
            ("contract_owner_id", "=", False),
            ("user_id", "=", self.id),
        ]

    def _contract_not_mine(self, fname):
        return ["!", *self._contract_mine(fname)]
