from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_list

from ...tools.windows import form_window
from .sale_order import READER


class ContractPapersMixin(models.AbstractModel):
    """Which papers a contract or a frame agreement needs, which are filed and which are
    missing: read from the template of its kind, never stored. Only what somebody calls
    not applicable is written down. Serves D9 §6.4."""

    _name = "contract.papers.mixin"
    _inherit = ["contract.checklist.mixin"]
    _description = "Contract with Papers"

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
    @api.depends("checklist_line_ids.answer")
    def _compute_contract_papers(self):
        papers = self._contract_papers()
        for order in self:
            names = defaultdict(list)
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

    def _checklist_parent_vals(self):
        return self._contract_part_vals()

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
        view = "contract_tracking.contract_checklist_line_view_form_paper"
        return form_window(
            "contract.checklist.line",
            self.env._("Paper Not Needed"),
            {"res_model": self._name, "res_id": self.id, "answer": "na"},
            self.env.ref(view).id,
            checklist_question_ids=self._checklist_questions().ids,
        )

    # ------------------------------------------------------------------
    # Papers
    # ------------------------------------------------------------------

    def _contract_papers(self):
        """``{id of a contract: [(id of a question, its text, "yes", "no" or "na")]}``:
        one query."""
        ids = self._origin.ids
        if not ids:
            return {}
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
        papers = defaultdict(list)
        for order_id, *row in rows:
            papers[order_id].append(row)
        return papers

    @api.model
    def _contract_missing_sql(self):
        """A row is a needed paper that is neither filed nor exempt: ``record_id``,
        ``line_id``."""
        return SQL(
            "SELECT record_id, line_id FROM (%s) p WHERE NOT filed AND NOT exempt",
            self._contract_papers_sql(),
        )

    @api.model
    def _contract_kind_sql(self):
        """SQL of the kind by which the template is chosen, and the fields that it
        reads; ``o`` is the row of this model."""
        raise NotImplementedError

    @api.model
    def _contract_papers_sql(self):
        """A row is a paper that is needed: whether it is filed, whether somebody called
        it not applicable."""
        questions = self.env["contract.checklist.template.line"].sudo()
        types = questions._fields["type_ids"]
        kind, read = self._contract_kind_sql()
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
                   ON l.template_id = fit.template_id AND l.active""",
            name=questions._field_to_sql("l", "name"),
            relation=SQL.identifier(types.relation),
            type=SQL.identifier(types.column2),
            line=SQL.identifier(types.column1),
            subject=SQL.identifier(self._contract_parent_field),
            model=self._name,
            table=SQL.identifier(self._table),
            kind=kind,
            to_flush=self.env["contract.facts"]._reads(
                (self._name, f"company_id {read}"),
                ("contract.document", f"{self._contract_parent_field} type_id"),
                ("contract.checklist.line", "res_model res_id template_line_id answer"),
                (
                    "contract.checklist.template",
                    "purpose active company_id contract_kind sequence",
                ),
                (
                    "contract.checklist.template.line",
                    "template_id sequence active name type_ids",
                ),
            ),
        )
