from odoo import models
from odoo.tools import SQL


class ContractFacts(models.AbstractModel):
    """The papers of a contract, and which of them are needed: no figure is read from
    them, the search for deviations is."""

    _inherit = "contract.facts"

    def _note_sources(self):
        owners = {"order": ["order_id"], "frame": ["frame_id"]}
        return {
            **super()._note_sources(),
            "contract_document": owners | {"frame_papers": ["frame_id"]},
            "contract_document_res_partner_rel": {"paper": ["contract_document_id"]},
            "contract_checklist_line": owners,
        }

    def _other_sources(self):
        questions = self.env["contract.checklist.template.line"]
        return {
            **super()._other_sources(),
            "contract_document_type": ["is_payment_authorisation"],
            "contract_checklist_template": SQL("TRUE"),
            "contract_checklist_template_line": SQL("TRUE"),
            questions._fields["type_ids"].relation: SQL("TRUE"),
        }

    def _note_parts(self):
        return [
            *super()._note_parts(),
            SQL(
                """SELECT d.order_id, d.frame_id FROM note n
                     JOIN contract_document d ON d.id = n.key WHERE n.kind = 'paper'"""
            ),
        ]
