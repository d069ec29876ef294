from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_list

from ...tools.words import choices


class ContractApprovalRule(models.Model):
    """Who must decide a kind of document: ordered steps, for the documents that meet
    the rule's conditions (D9 §3.3).

    The first rule that fits decides, rules of the document's company before those of
    all companies. Amounts are in the company's currency.
    """

    _name = "contract.approval.rule"
    _inherit = ["contract.shared.mixin"]
    _description = "Approval Rule"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        lambda self: self._kinds(), string="Kind of Document", required=True, index=True
    )
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: the rule holds for every company."
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    amount_from = fields.Monetary(
        help="The rule fits documents of at least this amount, in company currency."
    )
    amount_to = fields.Monetary(
        help="The rule fits documents below this amount, in company currency. "
        "0: without an upper limit."
    )
    severity = fields.Selection(
        [("minor", "Minor"), ("major", "Major"), ("critical", "Critical")],
        help="The rule fits documents of this severity only. Empty: of any.",
    )
    team_ids = fields.Many2many(
        "crm.team",
        string="Offices",
        check_company=True,
        help="The rule fits contracts of these offices only. Empty: of any.",
    )
    line_ids = fields.One2many(
        "contract.approval.rule.line", "rule_id", string="Steps", copy=True
    )

    _amounts = models.Constraint(
        "CHECK (amount_from >= 0 AND (amount_to = 0 OR amount_to > amount_from))",
        "The upper limit of an approval rule must be above its lower one.",
    )

    @api.model
    def _kinds(self):
        """Kinds of the documents that are decided: of each model with approvals."""
        return [
            (model._approval_kind, self.env["ir.model"]._get(name).name)
            for name, model in sorted(self.env.items())
            if getattr(model, "_approval_kind", None)
        ]

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for rule in self:
            rule.currency_id = (rule.company_id or self.env.company).currency_id

    @api.constrains("line_ids", "active")
    def _check_lines(self):
        if self.env.su and self.env.context.get("install_mode"):
            # the steps of shipped rules have names of their own, and follow
            return
        for rule in self:
            if rule.active and not any(rule.line_ids.mapped("active")):
                raise ValidationError(
                    self.env._(
                        "The approval rule “%(rule)s” has no step: add one that says "
                        "who decides.",
                        rule=rule.name,
                    )
                )

    @api.model
    def _find(self, documents):
        """Return the rules that decide documents of one model: ``{document: rule}``.

        :raise UserError: if none fits; it says which rule to create, and who can
        """
        # what was archived doesn't come back by a context
        rules = self.sudo().with_context(active_test=True)
        rules = rules.search(
            Domain("kind", "=", documents._approval_kind)
            & Domain("company_id", "in", [*documents.company_id.ids, False])
        )
        return {document: rules._fitting(document) for document in documents}

    def _fitting(self, document):
        """The first of these rules that fits a document: one of its company first."""
        amount, currency = document._approval_company_amount()
        severity = document._approval_severity()
        team = document.team_id
        company = document.company_id
        rules = self.filtered(lambda r: not r.company_id or r.company_id == company)
        for rule in rules.sorted(lambda r: (not r.company_id, r.sequence, r.id)):
            if (
                currency.compare_amounts(amount, rule.amount_from) >= 0
                and (
                    not rule.amount_to
                    or currency.compare_amounts(amount, rule.amount_to) < 0
                )
                and rule.severity in (False, severity)
                and (not rule.team_ids or team in rule.team_ids)
            ):
                return rule
        raise UserError(
            self.env._(
                "No approval rule says who decides this: %(kind)s, company "
                "%(company)s, amount %(amount)s, severity %(severity)s, office "
                "%(office)s. An administrator of contracts (%(admins)s) can create "
                "one in Contracts ‣ Configuration ‣ Approval Rules.",
                kind=document._description,
                company=document.company_id.name,
                amount=currency.format(amount),
                severity=dict(choices(self, "severity")).get(severity, "–"),
                office=team.name or "–",
                admins=self._administrators(document.company_id),
            )
        )

    @api.model
    def _administrators(self, company):
        """Names of those who can change the rules."""
        users = self.env["res.users"]._contract_members(
            "contract_tracking.group_contract_manager", company
        )
        return format_list(self.env, users[:5].mapped("name")) or "–"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        steps = self.env["contract.approval.step"].sudo()
        used = steps.search([("rule_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._(
                    "Documents were decided by the rule “%(rule)s”: archive it "
                    "instead.",
                    rule=used.rule_id.name,
                )
            )
