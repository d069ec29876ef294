from odoo import api, models, tools

# What the chatter and the activities write, on frozen documents too.
MAIL_PREFIXES = ("message_", "activity_", "my_activity_", "rating_")


def is_mail(name):
    """Whether a field belongs to the chatter or to the activities: the message that
    was filed as a paper doesn't."""
    return name.startswith(MAIL_PREFIXES) and name != "message_id"


class ContractSystemMixin(models.AbstractModel):
    """Fields that only the addon's own steps fill in take nobody's defaults: neither
    those of a context nor those that users keep (``ir.default``)."""

    _name = "contract.system.mixin"
    _inherit = ["contract.entry.mixin"]
    _description = "Fields of the System"

    @api.model
    def _contract_system(self):
        """Names of the fields that only its own steps write."""
        return {
            name
            for name, field in self._fields.items()
            if field.store
            and field.readonly
            and name not in models.MAGIC_COLUMNS
            and not is_mail(name)
        }

    @api.model
    @tools.ormcache()
    def _contract_entered(self):
        """Names of the fields that we add to a model of core for people to fill in: its
        rows are written by many, these fields by who follows the contract."""
        return {
            name
            for name, field in self._fields.items()
            if field._module == "contract_tracking"
            and field.store
            and not field.readonly
            and field.type not in ("one2many", "many2many")
        }

    @api.model
    def default_get(self, fields):
        system = self._contract_system().intersection(fields)
        values = super().default_get([name for name in fields if name not in system])
        for name in system:
            field = self._fields[name]
            if field.default:
                value = field.convert_to_cache(
                    field.default(self), self, validate=False
                )
                values[name] = field.convert_to_write(value, self)
        return values
