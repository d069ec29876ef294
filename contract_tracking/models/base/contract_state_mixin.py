from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_list


class ContractStateMixin(models.AbstractModel):
    """Who may bring a record from which state into which: written once, in
    :meth:`_contract_next_states`, and asked by the guard of each step, by the buttons
    (``can_…``) and for the message. Other addons extend it with ``super()``.

    Steps that the system takes (a contract takes effect, an approval is given) are no
    part of it: nobody asks for them.
    """

    _name = "contract.state.mixin"
    _description = "States"

    # The field with the state.
    _contract_state_field = "state"
    # Which buttons lead where: ``{field of the button: state}``.
    _contract_buttons = {}
    # The states that always have a column where cards stand by state; others have one
    # as long as there are cards in it.
    _contract_columns = ()

    @api.model
    def _contract_expand_states(self, states, domain):
        """The columns of cards by state, in the order of the states: to be named as
        ``group_expand`` of the field."""
        return [
            state
            for state in self._fields[self._contract_state_field].get_values(self.env)
            if state in states or state in self._contract_columns
        ]

    def _contract_next_states(self):
        """The states that people can bring this record into.

        :return: ``{state: {state before: who}}``; ``who`` is the name of a method of
            the record that returns why the user may not, as a sentence, or False if he
            may; None: whoever may write the record
        """
        self.ensure_one()
        return {}

    def _contract_refusal(self, state):
        """Return why the user can't bring the record into ``state``, or False."""
        self.ensure_one()
        before = self._contract_next_states().get(state, {})
        present = self[self._contract_state_field]
        if present not in before:
            return self._contract_wrong_state(before)
        who = before[present]
        if who:
            return getattr(self, who)()
        if not self.has_access("write"):
            return self.env._(
                "You can read %(document)s, not change it.",
                document=self.display_name,
            )
        return False

    def _contract_can(self, state):
        """Whether the user can bring the record into ``state`` now."""
        return not self._contract_refusal(state)

    def _contract_begin(self, state, mode="read"):
        """Begin a step of one record: check that the user may bring it into ``state``.

        :param mode: the access that he needs
        """
        if len(self) != 1:
            raise UserError(self.env._("Take this step for one document at a time."))
        self.check_access(mode)
        self._contract_check_next(state)

    def _contract_check_refusal(self, name):
        """Raise what the refusal method ``name`` says of one of these records."""
        for record in self:
            refusal = getattr(record, name)()
            if refusal:
                raise UserError(refusal)

    def _contract_check_next(self, state):
        """Check that the user can bring each record into ``state``.

        :raise UserError: saying from which states it is possible, or by whom
        """
        for record in self:
            refusal = record._contract_refusal(state)
            if refusal:
                raise UserError(refusal)

    def _contract_check_state(self, *states):
        """Check that each record is in one of ``states``.

        :raise UserError: saying in which it is, and in which it must be
        """
        for record in self:
            if record[self._contract_state_field] not in states:
                raise UserError(record._contract_wrong_state(states))

    def _contract_wrong_state(self, states):
        """The sentence for a step that is possible in ``states`` only."""
        self.ensure_one()
        labels = self._contract_state_labels()
        possible = [f"“{labels[key]}”" for key in labels if key in states]
        if not possible:
            return self.env._(
                "%(document)s is “%(state)s”: this step isn't possible any more.",
                document=self.display_name,
                state=self._contract_state_label(),
            )
        return self.env._(
            "%(document)s is “%(state)s”: this is possible only while it is "
            "%(states)s.",
            document=self.display_name,
            state=self._contract_state_label(),
            states=format_list(self.env, possible, style="or"),
        )

    def _contract_state_labels(self):
        """``{state: its name in the user's language}``."""
        field = self._fields[self._contract_state_field]
        return dict(field._description_selection(self.env))

    def _contract_state_label(self):
        """Name of the record's state in the user's language."""
        self.ensure_one()
        state = self[self._contract_state_field]
        return self._contract_state_labels().get(state) or self.env._("not tracked")

    def _compute_can(self):
        """Compute the fields of :attr:`_contract_buttons`."""
        for record in self:
            # the user's own rights, also where the field is computed with sudo
            mine = record._origin.with_user(self.env.user)
            for fname, state in self._contract_buttons.items():
                record[fname] = bool(mine) and mine._contract_can(state)
