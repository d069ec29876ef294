from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_list

from ...tools.guard import is_unguarded, unguarded
from ...tools.words import format_month

BUSINESS = "contract_tracking.group_contract_business"
# What the people of the office enter.
WORDS = ("problems", "plan")
# Whose record it is.
KEYS = ("company_id", "team_id", "month")


class ContractMonthlyRecord(models.Model):
    """From state to state: who writes it, who submits it, how a confirmed one is
    corrected by a new version."""

    _inherit = "contract.monthly.record"

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.constrains("company_id", "month")
    def _check_over(self):
        for record in self:
            record._check_month(record.company_id, record.month)

    @api.model_create_multi
    def create(self, vals_list):
        """What somebody makes himself is read at once, as what the addon makes."""
        if is_unguarded(self):
            return super().create(vals_list)
        self.browse().check_access("create")
        vals_list = [self._month_vals(vals) for vals in vals_list]
        for vals in vals_list:
            self._check_may_make(vals)
            self._check_once(vals)
        records = super().create(vals_list)
        records._approval_involve(
            {
                record: self.env.user
                for record, vals in zip(records, vals_list, strict=True)
                if any(vals.get(name) for name in WORDS)
            }
        )
        for (company, month), group in records.grouped(
            lambda record: (record.company_id, record.month)
        ).items():
            office = group[0]._office_label()
            group._refresh(company, month)
            # what has no contract is no record
            if len(group.exists()) < len(group):
                raise UserError(
                    self.env._(
                        "%(office)s had no contract in %(month)s: there is nothing to "
                        "record.",
                        office=office,
                        month=format_month(self.env, month),
                    )
                )
        return records

    @api.ondelete(at_uninstall=False)
    def _unlink_except_due(self):
        """The record of a month is owed: a draft that corrects one may go."""
        if is_unguarded(self) or self.env.user.has_group(BUSINESS):
            return
        for record in self:
            if record.replaces_id and not record._is_leader():
                raise UserError(
                    self.env._(
                        "The head of the office (%(office)s) or the business office "
                        "deletes %(document)s.",
                        office=record._office_label(),
                        document=record.display_name,
                    )
                )
            if not record.replaces_id:
                raise UserError(
                    self.env._(
                        "Only the business office deletes a record that is due: "
                        "complete and submit %(document)s.",
                        document=record.display_name,
                    )
                )

    @api.model
    def _month_vals(self, vals):
        """Values with the first day of the month instead of any day of it; what a
        context or the user's defaults bring is a value too."""
        self._contract_check_values(vals)
        vals = {**self.default_get([*KEYS, *WORDS]), **vals}
        if not vals.get("month"):
            return vals
        month = self._fields["month"].convert_to_cache(vals["month"], self)
        return {**vals, "month": month.replace(day=1)}

    @api.model
    def _check_may_make(self, vals):
        """Check before anything tells of what there is that the user makes such a
        record. It has those of all offices made: only the business office begins
        earlier than the first.

        :raise UserError: if he doesn't
        """
        draft = self.new({name: vals.get(name) for name in KEYS})
        draft.company_id.check_access("read")
        draft._contract_check_refusal("_refuse_author")
        if not draft.month or self.env.su or self.env.user.has_group(BUSINESS):
            return
        first = self._first_month(draft.company_id)
        if draft.month < first:
            raise UserError(
                self.env._(
                    "Records are due from %(month)s on: the business office has "
                    "earlier ones written.",
                    month=format_month(self.env, first),
                )
            )

    @api.model
    def _check_once(self, vals):
        """
        :raise ValidationError: if the office has a record of the month
        """
        present = self.sudo().search(
            [
                ("company_id", "=", vals.get("company_id")),
                ("team_id", "=", vals.get("team_id") or False),
                ("month", "=", vals.get("month")),
            ],
            limit=1,
        )
        if present:
            raise ValidationError(
                self.env._(
                    "There is a record of this office and month already: %(document)s. "
                    "Complete it; once it is confirmed, correct it.",
                    document=present.display_name,
                )
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_correct(self):
        """Open the window that asks why the confirmed record is corrected."""
        self.ensure_one()
        self._contract_check_next("replaced")
        return self._open_reason("correct")

    @api.readonly
    def action_open_lines(self):
        """Open the lines as a list of their own: to search, to group, to add up."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "contract_tracking.contract_monthly_record_line_action"
        )
        return {
            **action,
            "domain": [("record_id", "in", self.ids)],
            "context": {"search_default_current": 0},
        }

    # ------------------------------------------------------------------
    # Who may
    # ------------------------------------------------------------------

    def _contract_next_states(self):
        """Deciding confirms it."""
        return {
            **super()._contract_next_states(),
            "submitted": {"draft": "_refuse_submit"},
            "replaced": {"confirmed": "_refuse_correct"},
        }

    def _reason_steps(self):
        return {
            **super()._reason_steps(),
            "correct": self._reason_step(
                self.env._("Correct by a new version"), "_correct"
            ),
        }

    def _reason_note(self, step):
        if step != "correct" or len(self) != 1:
            return super()._reason_note(step)
        later = self._later(("confirmed",))
        if not later:
            return self.env._(
                "%(document)s stays as it is until the new version is confirmed.",
                document=self.display_name,
            )
        return self.env._(
            "%(document)s stays as it is until the new version is confirmed. Later "
            "months go on from its figures and are corrected with it: %(months)s.",
            document=self.display_name,
            months=format_list(self.env, later.mapped("display_name")),
        )

    def _office_label(self):
        return self.sudo().team_id.name or self.env._("no office")

    def _is_leader(self):
        """Whether the user answers for the record: who is in charge today, the business
        office."""
        self.ensure_one()
        user = self.env.user
        return user in self.sudo()._in_charge() or user.has_group(BUSINESS)

    def _refuse_author(self):
        """Why the user doesn't write words and plan, as a sentence, or False."""
        self.ensure_one()
        office = self.sudo().team_id
        if self._is_leader() or self.env.user in office.crm_team_member_ids.user_id:
            return False
        return self.env._(
            "The people of the office (%(office)s) and the business office write this "
            "record and its plan.",
            office=self._office_label(),
        )

    def _refuse_submit(self):
        """Why the user doesn't submit it, as a sentence, or False."""
        self.ensure_one()
        if self._is_leader():
            return False
        return self.env._(
            "The head of the office (%(office)s) or the business office submits "
            "%(document)s.",
            office=self._office_label(),
            document=self.display_name,
        )

    def _refuse_correct(self):
        """Why the user can't correct it now, as a sentence, or False."""
        self.ensure_one()
        if not self._is_leader():
            return self.env._(
                "The head of the office (%(office)s) or the business office corrects "
                "%(document)s.",
                office=self._office_label(),
                document=self.display_name,
            )
        record = self.sudo()
        begun = record._later(("draft", "submitted"), same=True)
        begun = begun.filtered(
            lambda other: (
                other.month == record.month
                or other.state == "submitted"
                or other.replaces_id
            )
        )
        if not begun:
            return False
        return self.env._(
            "Confirm, withdraw or delete first what goes on from it: %(documents)s.",
            documents=format_list(self.env, begun.mapped("display_name")),
        )

    def _check_frozen(self, content):
        if content & {"company_id", "team_id", "month"}:
            raise UserError(
                self.env._(
                    "A record stays with its company, office and month: write another "
                    "one."
                )
            )
        for record in self:
            if record.state in ("confirmed", "replaced"):
                raise UserError(
                    self.env._(
                        "%(document)s is confirmed: nothing of it changes any more. A "
                        "new version corrects it.",
                        document=record.display_name,
                    )
                )
        res = super()._check_frozen(content)
        self._contract_check_refusal("_refuse_author")
        return res

    # ------------------------------------------------------------------
    # Versions
    # ------------------------------------------------------------------

    def _office_domain(self):
        """The records of the same company and office."""
        self.ensure_one()
        return Domain("company_id", "=", self.company_id.id) & Domain(
            "team_id", "=", self.team_id.id
        )

    def _versions_domain(self):
        return self._office_domain() & Domain("month", "=", self.month)

    def _later(self, states, same=False):
        """Records of later months of the same office in these states, the next first.

        :param same: of the same month as well
        """
        self.ensure_one()
        return self.sudo().search(
            self._office_domain()
            & Domain("month", ">=" if same else ">", self.month)
            & Domain("state", "in", states),
            order="month, version",
        )

    def _correct(self, reason):
        """Begin a new version of a confirmed record, and of each confirmed one of a
        later month: they go on from its figures.

        :return: the new version, a draft with the words of the old one
        :raise UserError: if it can't be corrected now, or not by this user
        """
        self._contract_begin("replaced")
        old = self | self._later(("confirmed",))
        first = self._approval_lock()
        first._contract_check_next("replaced")
        values = []
        for record in old.sudo():
            versions = self.sudo().search(record._versions_domain())
            values.append(
                {
                    "company_id": record.company_id.id,
                    "team_id": record.team_id.id,
                    "month": record.month,
                    "version": max(versions.mapped("version")) + 1,
                    "replaces_id": record.id,
                    "reason": reason
                    if record == self
                    else self.env._(
                        "Goes on from the corrected %(document)s: %(reason)s",
                        document=self.display_name,
                        reason=reason,
                    ),
                    **{name: record[name] for name in WORDS},
                    **{
                        f"proposed_{name}": record[f"proposed_{name}"] for name in WORDS
                    },
                }
            )
        new = unguarded(self.sudo()).create(values)
        self._approval_involve(
            {copy: copy.replaces_id._approval_parties() | self.env.user for copy in new}
        )
        for copy in new:
            copy._refresh(copy.company_id, copy.month)
            copy._take_plan()
        self._note(
            {
                copy.replaces_id.id: self.env._(
                    "Corrected by %(document)s: %(reason)s",
                    document=copy.display_name,
                    reason=copy.reason,
                )
                for copy in new
            }
        )
        return self.browse(new[0].id)

    def _take_plan(self):
        """What people entered in the lines of the old version stands in the new one."""
        self.ensure_one()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """UPDATE contract_monthly_record_line n
                      SET plan_delivery = o.plan_delivery,
                          plan_collection = o.plan_collection,
                          booked_plan_delivery = o.booked_plan_delivery,
                          booked_plan_collection = o.booked_plan_collection,
                          is_planned = o.is_planned, remark = o.remark
                     FROM contract_monthly_record_line o
                    WHERE n.record_id = %s AND o.record_id = %s
                      AND (n.order_id = o.order_id OR n.frame_id = o.frame_id)""",
                self.id,
                self.replaces_id.id,
            )
        )
        self.line_ids.invalidate_recordset()

    # ------------------------------------------------------------------
    # What must be right before it is submitted
    # ------------------------------------------------------------------

    def _check_order(self):
        """
        :raise UserError: if an earlier month isn't confirmed: this one goes on from it
        """
        self.ensure_one()
        earlier = self.sudo().search(
            self._office_domain()
            & Domain("month", "<", self.month)
            & Domain("state", "in", ("draft", "submitted")),
            order="month",
        )
        if earlier:
            raise UserError(
                self.env._(
                    "%(document)s goes on from the months before it: have them "
                    "confirmed first (%(documents)s).",
                    document=self.display_name,
                    documents=format_list(self.env, earlier.mapped("display_name")),
                )
            )

    def _check_plan(self):
        """
        :raise UserError: if it doesn't say what is planned: in words, and in numbers
            where anything is left to deliver or to come in
        """
        self.ensure_one()
        until = self.company_id._contract_cutoff(self.month)
        following = format_month(self.env, until)
        if not (self.plan or "").strip():
            raise UserError(
                self.env._(
                    "%(document)s has no plan: say under “%(field)s” what is to be "
                    "done after %(month)s.",
                    document=self.display_name,
                    field=self._fields["plan"]._description_string(self.env),
                    month=following,
                )
            )
        lines = self.sudo().line_ids
        left = lines.filtered(
            lambda line: (
                line.currency_id.compare_amounts(line.total, line.delivered) > 0
                or line.currency_id.compare_amounts(line.receivable, 0) > 0
            )
        )
        if left and not any(
            line.is_planned or line.plan_delivery or line.plan_collection
            for line in lines
        ):
            raise UserError(
                self.env._(
                    "%(document)s has no plan in numbers: enter in its lines what is "
                    "to be delivered and what is to come in, 0 if it is nothing.",
                    document=self.display_name,
                )
            )
