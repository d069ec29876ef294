from odoo import models

from ...tools.pages import Column


class ContractArchive(models.Model):
    """What the printed 档案封面 and 卷内目录 show: the index number, what is in it, how
    long and where it is kept, and each file in its order."""

    _inherit = "contract.archive"

    def _form_title(self):
        return self.env._("Contract Archive: Cover and Index")

    def _form_unit(self):
        """It has no amounts."""
        return ""

    def _form_across(self):
        return "" if self.state != "disposed" else self.env._("Disposed of")

    def _form_blocks(self):
        self.ensure_one()
        self._opened("print")
        env = self.env
        years = (
            env._("%(years)s years", years=self.retention_years)
            if self.retention_years
            else env._("Permanently")
        )
        return [
            self._form_cells(
                [
                    (env._("Index Number"), self.archive_no or ""),
                    (env._("Category"), self.category_id.sudo().name),
                    (env._("Contract No."), self.contract_no),
                    (env._("Customer"), self.partner_name),
                    (env._("Contract Ended On"), self._form_date(self.ended_on)),
                    (env._("Kept Since"), self._form_day(self.kept_on)),
                    (env._("Kept for"), years if self.category_id else ""),
                    (env._("Kept Until"), self._form_date(self.retained_until)),
                    (env._("Kept By"), self.department_id.sudo().name),
                    (env._("Custodian"), self.custodian_id.sudo().name),
                    (env._("Place"), " / ".join(filter(None, (self.place, self.box)))),
                    (
                        env._("Originals, Copies, Pages"),
                        f"{self.originals} / {self.copies} / {self.pages}",
                    ),
                ],
                title=env._("Cover"),
            ),
            self._form_table(
                "index",
                env._("Inner Index"),
                [
                    Column(env._("Item"), 6, lambda e: str(e["number"]), "right"),
                    Column(env._("Kind"), 20, lambda e: e["kind"]),
                    Column(env._("Document"), 30, lambda e: e["document"]),
                    Column(env._("File Name"), 30, lambda e: e["name"]),
                    Column(env._("Date"), 14, lambda e: e["date"], "date"),
                ],
                self._entries(),
            ),
            self._form_sign(),
        ]

    def _form_signatures(self):
        archive = self.sudo()
        return [
            {
                "title": self.env._("Handed Over By"),
                "name": archive.submitted_by_id.name,
                "date": self._form_day(archive.submitted_on),
            },
            {
                "title": self.env._("Custodian"),
                "name": archive.custodian_id.name,
                "date": self._form_day(archive.kept_on),
            },
        ]
