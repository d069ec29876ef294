from odoo import models


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    def action_undo_reconciliation(self):
        self.move_id._contract_take_back(
            self.env._("The reconciliation of the bank statement was undone.")
        )
        return super().action_undo_reconciliation()
