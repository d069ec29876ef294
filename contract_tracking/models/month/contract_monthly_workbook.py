import base64
import logging

from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from ...tools.batches import in_batches
from ...tools.guard import guarded, unguarded
from ...tools.windows import window

_logger = logging.getLogger(__name__)

# Lines from which on nobody waits for a workbook.
LARGE = 20_000
# Days that a finished workbook is kept.
DAYS = 7


class ContractMonthlyWorkbook(models.Model):
    """A workbook of months with so many contracts that it is written by a scheduled
    action: how far it is, then the file, for the user who asked for it alone. He sees
    in it what he may read himself."""

    _name = "contract.monthly.workbook"
    _inherit = ["contract.frozen.mixin"]
    _description = "Workbook of Monthly Execution Records"
    _order = "id desc"
    _frozen_create = True

    name = fields.Char(string="File Name", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, index=True, ondelete="cascade"
    )
    record_ids = fields.Many2many(
        "contract.monthly.record",
        "contract_monthly_workbook_rel",
        "workbook_id",
        "record_id",
        string="Monthly Records",
        readonly=True,
    )
    lang = fields.Char(string="Language", readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("building", "Being written"),
            ("done", "Ready"),
            ("failed", "Failed"),
        ],
        default="waiting",
        required=True,
        readonly=True,
    )
    total = fields.Integer(
        string="Contracts", readonly=True, help="Lines that are to be written."
    )
    done = fields.Integer(
        string="Contracts Written", readonly=True, help="Lines that were written."
    )
    problem = fields.Text(readonly=True, help="Why it could not be written.")
    content = fields.Binary(string="Workbook", attachment=True, readonly=True)

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _ask(self, records, total):
        """Have a workbook of ``records`` written for the user, if it isn't already.

        :param total: their lines
        :return: the window that shows how far it is
        """
        unfinished = self.search(
            [
                ("user_id", "=", self.env.uid),
                ("state", "in", ("waiting", "building")),
            ]
        ).filtered(lambda workbook: workbook.record_ids == records)
        if not unfinished:
            unguarded(self.sudo()).create(
                {
                    "name": f"{records._xlsx_name()}.xlsx",
                    "user_id": self.env.uid,
                    "record_ids": [Command.set(records.ids)],
                    "lang": self.env.lang,
                    "total": total,
                }
            )
            cron = self.env.ref("contract_tracking.cron_monthly_workbooks")
            cron.sudo()._trigger()
        return window(self.env, "contract_monthly_workbook_action")

    @api.model
    def _cron_write(self):
        """Write the workbooks that were asked for, one after the other; the one that
        was being written when the action was killed is written again."""
        waiting = self.sudo().search(
            [("state", "in", ("waiting", "building"))], order="id"
        )
        for workbook in in_batches(unguarded(waiting), 1):
            workbook._write_content()

    def _write_content(self):
        """Write the workbook under the rights and in the language of its user, and tell
        him. What can't be written says so."""
        self.ensure_one()
        self.write({"state": "building", "done": 0})
        companies = self.record_ids.company_id
        records = (
            guarded(self.record_ids._in_order())
            .with_user(self.user_id)
            .with_context(lang=self.lang, allowed_company_ids=companies.ids)
        )
        try:
            records.check_access("read")
            content = records._xlsx_month(progress=self._write_progress)
        except Exception as error:
            _logger.warning("%s can't be written", self.name, exc_info=True)
            self.env.cr.rollback()
            known = isinstance(error, (AccessError, UserError))
            self.write({"state": "failed", "problem": known and str(error)})
            self._tell("danger")
        else:
            self.write({"content": base64.b64encode(content), "state": "done"})
            self._tell("success")

    def _write_progress(self, lines):
        """Show how far it is: an office was written."""
        self.done += lines
        self.env["ir.cron"]._commit_progress()

    def _tell(self, kind):
        """Tell the user on his screen how it ended."""
        env = self.with_context(lang=self.lang).env
        if self.state == "done":
            text = env._("%(workbook)s is ready.", workbook=self.name)
        else:
            text = env._("%(workbook)s could not be written.", workbook=self.name)
        self.user_id._bus_send(
            "simple_notification", {"type": kind, "sticky": True, "message": text}
        )

    @api.autovacuum
    def _gc_workbooks(self):
        """Forget workbooks that are old: they are made again in minutes."""
        until = fields.Datetime.now() - relativedelta(days=DAYS)
        self.sudo().search([("create_date", "<", until)]).unlink()
