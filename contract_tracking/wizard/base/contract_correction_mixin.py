import json

from odoo import api, fields, models
from odoo.exceptions import UserError


class ContractCorrectionMixin(models.AbstractModel):
    """Correct what is written of a contract or frame agreement in effect, with a
    reason (D2 §9): it opens with the present values, and what was changed is written,
    the old values kept in the history."""

    _name = "contract.correction.mixin"
    _inherit = ["contract.dialog.mixin"]
    _description = "Correction"

    # The field that names what is corrected: a ``contract.parent.mixin``.
    _correction_field = ""

    reason = fields.Char(required=True)
    before = fields.Text(string="Values at the Beginning")

    @api.model
    def _correction_facts(self):
        """``{fact of the contract: our field}``."""
        return {}

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        current = self._values_and_before(self._correction_parent(values))
        values.update({name: current[name] for name in current if name in fields_list})
        return values

    @api.model_create_multi
    def create(self, vals_list):
        """What isn't sent stays as it is."""
        for vals in vals_list:
            parent = self._correction_parent(vals)
            vals.update({**self._values_and_before(parent), **vals})
        return super().create(vals_list)

    def action_apply(self):
        """Write what was changed, keeping the old values in the history.

        :raise UserError: if nothing was changed, or somebody else was faster
        """
        self._check_dialog()
        parent = self[self._correction_field]
        if self.before != self._values_and_before(parent)["before"]:
            raise UserError(
                self.env._(
                    "%(contract)s was corrected by somebody else meanwhile: open the "
                    "correction again.",
                    contract=parent.display_name,
                )
            )
        values = self._changed_values()
        if not values:
            raise UserError(self.env._("Nothing was changed."))
        parent._contract_correct(values, self.reason)
        return {"type": "ir.actions.act_window_close"}

    @api.model
    def _correction_parent(self, vals):
        """What values of a correction, or the context, say is corrected."""
        name = self._correction_field
        value = vals.get(name) or self.env.context.get(f"default_{name}")
        self._contract_check_links({name: value})
        return self.env[self._fields[name].comodel_name].browse(value)

    @api.model
    def _values_and_before(self, parent):
        values = self._current_values(parent)
        text = json.dumps(values, default=str, sort_keys=True)
        return {**values, "before": text}

    @api.model
    def _current_values(self, parent):
        """Our fields as ``parent`` says now."""
        return {
            target: parent._fields[source].convert_to_write(parent[source], parent)
            for source, target in self._correction_facts().items()
            if parent
        }

    def _changed_values(self):
        """Values of the facts that were changed."""
        parent = self[self._correction_field]
        return {
            source: self._fields[target].convert_to_write(self[target], self)
            for source, target in self._correction_facts().items()
            if self[target] != parent[source]
        }
