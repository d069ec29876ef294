from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_list

from .sale_order import READER


class SaleOrder(models.Model):
    """Which papers a contract needs, which are filed and which are missing: read from
    the template of its kind, never stored. Only what somebody calls not applicable is
    written down. Serves D9 §6.4."""

    _name = "sale.order"
    _inherit = ["sale.order", "contract.checklist.mixin"]

    _checklist_purpose = "papers"

    contract_papers_complete = fields.Boolean(
        string="Papers Complete",
        compute="_compute_contract_papers",
        search="_search_contract_papers_complete",
        groups=READER,
        help="Every paper that its kind of contract needs is filed, or doesn't apply.",
    )
    contract_papers_filed = fields.Char(
        string="Filed", compute="_compute_contract_papers", groups=READER
    )
    contract_papers_missing = fields.Char(
        string="Missing Papers", compute="_compute_contract_papers", groups=READER
    )

    @api.depends_context("lang")
    @api.depends(
        "contract_kind",
        "contract_state",
        "contract_document_ids.type_id",
        "checklist_line_ids.answer",
    )
    def _compute_contract_papers(self):
        papers = self._contract_papers()
        for order in self:
            names = {"yes": [], "no": [], "na": []}
            for _question, name, state in papers.get(order._origin.id, []):
                names[state].append(name)
            order.contract_papers_complete = not names["no"]
            order.contract_papers_missing = format_list(self.env, names["no"])
            order.contract_papers_filed = format_list(self.env, names["yes"])

    def _search_contract_papers_complete(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._check_field_access(self._fields["contract_papers_complete"], "read")
        missing = SQL("(SELECT record_id FROM (%s) m)", self._contract_missing_sql())
        domain = Domain("id", "not in", missing)
        return domain if True in value else ~domain

    # ------------------------------------------------------------------
    # The checklist
    # ------------------------------------------------------------------

    def _checklist_kind(self):
        return self.contract_kind or "contract"

    def _checklist_parent_vals(self):
        return self._contract_part_vals()

    def _checklist_is_frozen(self):
        return self.contract_state in (False, "completed", "terminated", "cancelled")

    def _checklist_check_access(self):
        """Who may file papers may say that one is not needed: rules of the lines."""
        self.check_access("read")

    def _checklist_answers(self, lines):
        papers = self._contract_papers()
        return {
            (order_id, line): state
            for order_id, rows in papers.items()
            for question, _name, state in rows
            for line in lines
            if line.id == question
        }

    def action_contract_not_applicable(self):
        """Open the window that says which needed paper doesn't apply, and why."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Paper Not Needed"),
            "res_model": "contract.checklist.line",
            "view_mode": "form",
            "views": [
                (
                    self.env.ref(
                        "contract_tracking.contract_checklist_line_view_form_paper"
                    ).id,
                    "form",
                )
            ],
            "target": "new",
            "context": {
                "default_res_model": self._name,
                "default_res_id": self.id,
                "default_answer": "na",
                "checklist_question_ids": self._checklist_questions().ids,
            },
        }

    # ------------------------------------------------------------------
    # Papers
    # ------------------------------------------------------------------

    def _contract_papers(self):
        """``{id of a contract: [(id of a question, its text, "yes", "no" or "na")]}``:
        one query."""
        ids = self._origin.ids
        if not ids:
            return {}
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT record_id, line_id, name,
                          CASE WHEN filed THEN 'yes' WHEN exempt THEN 'na' ELSE 'no' END
                     FROM (%s) p WHERE record_id = ANY(%s)
                    ORDER BY record_id, sequence, line_id""",
                self._contract_papers_sql(),
                ids,
            )
        )
        papers = {}
        for order_id, *row in rows:
            papers.setdefault(order_id, []).append(row)
        return papers

    @api.model
    def _contract_missing_sql(self, frames=False):
        """A row is a needed paper that is neither filed nor exempt: ``record_id``,
        ``line_id``."""
        self.env.flush_all()
        return SQL(
            "SELECT record_id, line_id FROM (%s) p WHERE NOT filed AND NOT exempt",
            self._contract_papers_sql(frames),
        )

    @api.model
    def _contract_papers_sql(self, frames=False):
        """A row is a paper that a contract (or a frame agreement) needs: whether it is
        filed on it, whether somebody called it not applicable."""
        questions = self.env["contract.checklist.template.line"].sudo()
        types = questions._fields["type_ids"]
        if frames:
            subject, model = SQL("frame_id"), "contract.frame"
            table = SQL.identifier(self.env[model]._table)
            kind = SQL("'frame'")
        else:
            subject, model = SQL("order_id"), "sale.order"
            table = SQL.identifier("sale_order")
            kind = SQL("COALESCE(o.contract_kind, 'contract')")
        return SQL(
            """SELECT o.id AS record_id, l.id AS line_id, l.sequence, %(name)s AS name,
                      EXISTS (
                          SELECT FROM contract_document d
                            JOIN %(relation)s y ON y.%(type)s = d.type_id
                           WHERE d.%(subject)s = o.id AND y.%(line)s = l.id
                      ) AS filed,
                      EXISTS (
                          SELECT FROM contract_checklist_line n
                           WHERE n.res_model = %(model)s AND n.res_id = o.id
                             AND n.template_line_id = l.id AND n.answer = 'na'
                      ) AS exempt
                 FROM %(table)s o
                 JOIN (SELECT DISTINCT ON (c.id, k.kind)
                              c.id AS company_id, k.kind, t.id AS template_id
                         FROM res_company c
                        CROSS JOIN (VALUES ('contract'), ('order'), ('call_off'),
                                           ('frame')) k (kind)
                         JOIN contract_checklist_template t
                           ON t.purpose = 'papers' AND t.active
                          AND (t.company_id = c.id OR t.company_id IS NULL)
                          AND (t.contract_kind = k.kind OR t.contract_kind IS NULL)
                        ORDER BY c.id, k.kind, t.company_id, t.contract_kind,
                                 t.sequence, t.id) fit
                   ON fit.company_id = o.company_id AND fit.kind = %(kind)s
                 JOIN contract_checklist_template_line l
                   ON l.template_id = fit.template_id""",
            name=questions._field_to_sql("l", "name"),
            relation=SQL.identifier(types.relation),
            type=SQL.identifier(types.column2),
            line=SQL.identifier(types.column1),
            subject=subject,
            model=model,
            table=table,
            kind=kind,
        )
