NAMES = (
    "Business office", "Contract owner", "Departments", "Finance", "Head of office",
    "Leader", "Legal affairs", "Order desk", "Production and schedule", "Quality",
    "Sales head", "Supervisor", "Technology",
)  # fmt: skip


def migrate(cr, version):
    """The steps of the rules that are shipped can be translated."""
    cr.execute(
        """
        INSERT INTO ir_model_data (module, name, model, res_id, noupdate)
             SELECT rule.module,
                    rule.name || '_' || replace(lower(line.name->>'en_US'), ' ', '_'),
                    'contract.approval.rule.line',
                    min(line.id),
                    TRUE
               FROM ir_model_data AS rule
               JOIN contract_approval_rule_line AS line ON line.rule_id = rule.res_id
              WHERE rule.module = 'contract_tracking'
                AND rule.model = 'contract.approval.rule'
                AND line.name->>'en_US' = ANY(%s)
           GROUP BY 1, 2
             HAVING count(*) = 1
        ON CONFLICT DO NOTHING
        """,
        [list(NAMES)],
    )
