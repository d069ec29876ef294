from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...tools.guard import is_unguarded, unguarded
from ...tools.windows import window


class ContractParentMixin(models.AbstractModel):
    """What a contract is to everything that hangs on it: an order and a frame agreement
    alike. Its days, its words, its history, its corrections, who is the business
    office; the documents on it by :class:`contract.part.mixin`.

    Amounts are in the parent's currency, days in the time zone of its company.
    """

    _name = "contract.parent.mixin"
    _inherit = [
        "contract.system.mixin",
        "contract.past.mixin",
        "contract.state.mixin",
        "contract.reason.mixin",
    ]
    _description = "Contract or Frame Agreement"

    # The field of the parts that names this parent.
    _contract_parent_field = ""
    # The model of the facts statement that reads it.
    _contract_facts_model = "contract.facts"

    # ------------------------------------------------------------------
    # What is written down, and by whom
    # ------------------------------------------------------------------

    def _contract_facts(self):
        """Names of the fields that people write down of it. Once it took effect only
        the business office corrects them, with a reason; an empty one may be filled
        in."""
        return set()

    def _contract_agreed(self):
        """Names of the facts that nobody fills in once it took effect either."""
        return set()

    def _contract_dated(self):
        """``{field: kind of history}`` of fields with a kind of their own."""
        return {}

    @api.model
    def _contract_roles(self):
        """Names of the fields of who answers for it."""
        return ()

    @api.model
    def _contract_handed_domain(self):
        """Those that still need somebody: finished ones keep their people."""
        return Domain.FALSE

    def _contract_check_system(self, vals):
        """Raise if ``vals`` write what only its own steps write."""
        if self._contract_system() & vals.keys():
            raise UserError(
                self.env._("The state of a contract changes by its own actions only.")
            )

    def _contract_check_office(self, vals):
        """The office says who decides: nobody who asks for decisions chooses it. Who
        has no part in contracts hands orders over as in core.

        :raise UserError: if somebody else than who leads gives one in effect to another
        """
        if (
            "team_id" not in vals
            or self.env.su
            or is_unguarded(self)
            or not self.env.user.has_group("contract_tracking.group_contract_user")
        ):
            return
        for parent in self.sudo():
            if (
                parent._contract_is_open()
                and parent.team_id.id != (vals["team_id"] or False)
                and not parent._contract_is_head(self.env.user)
            ):
                raise UserError(
                    self.env._(
                        "The office of %(contract)s says who decides on it: the head "
                        "of the office or the business office hands it over.",
                        contract=parent.display_name,
                    )
                )

    def _contract_is_fixed(self):
        """Whether it took effect, so that its facts are corrected only."""
        return bool(self._contract_effect_day())

    def _contract_check_facts(self, vals):
        """Facts in effect are corrected through :meth:`_contract_correct` only; what
        is still empty may be filled in.

        :raise UserError: naming the fact that somebody tried to change
        """
        agreed = self._contract_agreed()
        for parent in self.sudo():
            if not parent._contract_is_fixed():
                continue
            for name in (agreed | self._contract_facts()) & vals.keys():
                if name not in agreed and not parent[name]:
                    continue
                field = parent._fields[name]
                if field.convert_to_cache(vals[name], parent) != field.convert_to_cache(
                    parent[name], parent
                ):
                    raise UserError(
                        self.env._(
                            "%(contract)s is in effect: “%(fact)s” can only be "
                            "corrected by the business office, with a reason (Correct "
                            "Facts).",
                            contract=parent.display_name,
                            fact=parent._contract_label(name),
                        )
                    )

    def _contract_check_correction(self, reason):
        """Only the business office corrects facts, with a reason.

        :raise UserError: otherwise
        """
        self._contract_check_business_office()
        if not (reason or "").strip():
            raise UserError(self.env._("A correction needs a reason."))

    def _contract_correct(self, vals, reason):
        """Correct facts, keeping the old values in the history.

        :param vals: field values, of facts only
        :param reason: why; kept in the history
        :raise UserError: without reason, or if the user is not of the business office
        """
        self.ensure_one()
        self._contract_check_correction(reason)
        parent = self.sudo()
        old = {parent: {name: parent[name] for name in vals}}
        unguarded(parent).write(vals)
        parent._contract_log_changes(old, reason)

    # ------------------------------------------------------------------
    # States
    # ------------------------------------------------------------------

    def _contract_is_cancelled(self):
        """Whether nothing is decided or executed on it any more."""
        self.ensure_one()
        return self[self._contract_state_field] == "cancelled"

    def _contract_is_open(self):
        """Whether it is in effect: active or suspended."""
        self.ensure_one()
        return self[self._contract_state_field] in ("active", "suspended")

    def _contract_effect_day(self):
        """The day on which it took effect, or False."""
        raise NotImplementedError

    def _contract_refuse_business(self):
        """Why the user can't take a step of the business office, or False."""
        if self.env.user.has_group("contract_tracking.group_contract_business"):
            return False
        return self.env._(
            "Only the business office may do this for %(contract)s.",
            contract=self.display_name,
        )

    def _contract_is_head(self, user):
        """Whether a user leads its office or is of the business office."""
        self.ensure_one()
        return user == self.sudo().team_id.user_id or user.has_group(
            "contract_tracking.group_contract_business"
        )

    def _contract_check_business_office(self):
        """Raise unless the user is of the business office and may read it."""
        for parent in self:
            refusal = parent._contract_refuse_business()
            if refusal:
                raise UserError(refusal)
        self.check_access("read")

    def _contract_reach(self, state, sources, reason):
        """Take a step with a reason: bring these into a state (D2 §9, D9 §3.1).

        :param sources: the states that it starts from, None: all that lead there
        :raise UserError: without authority, or from a wrong state
        """
        if sources:
            self._contract_check_state(*sources)
        self._contract_check_next(state)
        self.check_access("read")
        parents = self.sudo()
        for parent in parents:
            parent._contract_before(state)
        parents._contract_set_state(state, reason)
        for parent in parents:
            parent._contract_after(state, reason)

    def _contract_reach_rule(self, state, label, sources=None):
        """The step with a reason (:meth:`_reason_steps`) that leads to a state, from
        some of the states before it if another step leads there too."""
        return {"label": label, "method": "_contract_reach", "args": (state, sources)}

    def _contract_before(self, state):
        """Raise if it can't be brought into a state by what hangs on it."""

    def _contract_after(self, state, reason):
        """It was brought into a state, with a reason."""

    def _contract_check_follows(self):
        """Raise unless the user has a role that follows contracts: warehouse and
        invoicing users may write orders, not contracts."""
        if not self.env.su and not self.env.user.has_group(
            "contract_tracking.group_contract_user"
        ):
            raise AccessError(
                self.env._("Only people who follow contracts may do this.")
            )

    def _contract_set_state(self, state, reason=False, log=True, **values):
        """Change the state and write its history, as a set.

        :return: rows of the history, which the caller logs if ``log`` is false
        """
        fname = self._contract_state_field
        rows = [
            {
                **parent._contract_part_vals(),
                "company_id": parent.company_id.id,
                "kind": "state",
                "name": parent._contract_label(fname),
                "old_value": parent[fname],
                "new_value": state,
                "reason": reason,
            }
            for parent in self
            if parent[fname] != state
        ]
        unguarded(self).write({fname: state, **values})
        if log:
            self.env["contract.history"]._log(rows)
        return rows

    def _contract_ended_day(self):
        """The day on which it ended, by its history."""
        self.ensure_one()
        part = self._contract_part_vals()
        last = self.env["contract.history"].search(
            Domain.AND(Domain(name, "=", value) for name, value in part.items())
            & Domain("kind", "=", "state")
            & Domain("new_value", "=", self[self._contract_state_field]),
            order="date desc, id desc",
            limit=1,
        )
        return last.date or self._contract_today()

    # ------------------------------------------------------------------
    # Words and days
    # ------------------------------------------------------------------

    def _contract_today(self):
        """Today as a day of its company."""
        return self._contract_day(fields.Datetime.now())

    def _contract_day(self, moment):
        """The day of a UTC datetime in the time zone of its company."""
        return (self.company_id or self.env.company)._contract_day(moment)

    def _contract_label(self, fname):
        """Name of a field in the user's language."""
        return self._fields[fname]._description_string(self.env)

    def _contract_text(self, fname, value):
        """A value of a field in words, for the history."""
        field = self._fields[fname]
        if field.relational:
            return value.display_name or False
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        return str(value) if value else False

    def _contract_log_changes(self, old, reason=False, day=None):
        """Write the history of changed values: ``{parent: {field: old value}}``.

        :param day: from which the change holds; today if not given
        """
        dated = self._contract_dated()
        rows = []
        for parent, values in old.items():
            for name, before in values.items():
                if before == parent[name]:
                    continue
                field = parent._fields[name]
                rows.append(
                    {
                        **parent._contract_part_vals(),
                        "kind": dated.get(name, "fact"),
                        "name": parent._contract_label(name),
                        "old_value": parent._contract_text(name, before),
                        "new_value": parent._contract_text(name, parent[name]),
                        "reason": reason,
                        "res_model": field.comodel_name if field.relational else False,
                        "record_id": parent[name].id if field.relational else False,
                        "old_record_id": before.id if field.relational else False,
                        **({"date": day} if day else {}),
                    }
                )
        self.env["contract.history"]._log(rows)

    # ------------------------------------------------------------------
    # Its parts
    # ------------------------------------------------------------------

    def _contract_part_vals(self):
        """What a part of it says of its parent."""
        self.ensure_one()
        return {self._contract_parent_field: self.id}

    def _contract_responsible(self):
        """The user who answers for it."""
        raise NotImplementedError

    def _contract_form_action(self):
        """Open its form."""
        self.ensure_one()
        return self._get_records_action()

    def _contract_parts_action(self, xmlid):
        """Open the list of its parts; new ones belong to it.

        :param xmlid: name of the window action of the parts' model
        """
        self.ensure_one()
        vals = self._contract_part_vals()
        return window(
            self.env,
            xmlid,
            domain=[(name, "=", value) for name, value in vals.items()],
            context={f"default_{name}": value for name, value in vals.items()},
        )

    def _contract_new_part_action(self, model, **values):
        """Open the form of a new part of it, with ``values`` as defaults."""
        self.ensure_one()
        values = {**self._contract_part_vals(), **values}
        return {
            "type": "ir.actions.act_window",
            "res_model": model,
            "views": [(False, "form")],
            "context": {f"default_{name}": value for name, value in values.items()},
        }

    def _contract_count_forms(self, model, fname):
        """Compute the field ``fname``: how many forms of a model there are on each,
        without void ones, in one query."""
        groups = self.env[model]._read_group(
            [
                (self._contract_parent_field, "in", self._origin.ids),
                ("state", "!=", "void"),
            ],
            [self._contract_parent_field],
            ["__count"],
        )
        counts = dict(groups)
        for parent in self:
            parent[fname] = counts.get(parent._origin, 0)
