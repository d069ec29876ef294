from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ContractReagreement(models.Model):
    """The coordination that a re-agreement comes from."""

    _inherit = "contract.reagreement"

    coordination_id = fields.Many2one(
        "contract.coordination",
        string="Coordination Document",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('order_id', '=', order_id), ('frame_id', '=', frame_id), "
        "('state', 'not in', ('draft', 'void'))]",
        help="Where both sides talked it over before they agreed.",
    )

    @api.constrains("coordination_id", "order_id", "frame_id")
    def _check_coordination(self):
        for record in self:
            document = record.coordination_id.sudo()
            if document and document._contract_parent() != record._contract_parent():
                raise ValidationError(
                    self.env._(
                        "%(document)s is about another contract.",
                        document=document.display_name,
                    )
                )
            if document.state in ("draft", "void"):
                raise ValidationError(
                    self.env._(
                        "%(document)s isn't sent, or is void: nothing was agreed on "
                        "in it.",
                        document=document.display_name,
                    )
                )
