"""Answers of checklists keep their question as it was asked."""


def migrate(cr, version):
    """Those of before keep it as it is now."""
    cr.execute(
        """UPDATE contract_checklist_line n
              SET answer_kind = l.answer_kind, computed = l.computed,
                  purpose = t.purpose, required = TRUE,
                  is_given = l.answer_kind = 'score' AND n.user_id IS NOT NULL
             FROM contract_checklist_template_line l
             JOIN contract_checklist_template t ON t.id = l.template_id
            WHERE l.id = n.template_line_id"""
    )
