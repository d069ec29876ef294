"""What was frozen at the submission stands in the steps; who had a part is kept."""


def migrate(cr, version):
    """Steps that are still to be decided take over what their line of the rule says
    now; deviations keep who analysed or handled them before."""
    cr.execute(
        """
        UPDATE contract_approval_step s
           SET days = l.days, escalate_days = l.escalate_days,
               oral_allowed = l.oral_allowed, oral_limit = l.oral_limit
          FROM contract_approval_rule_line l
         WHERE l.id = s.line_id AND s.state IN ('waiting', 'pending')
        """
    )
    cr.execute(
        """
        INSERT INTO contract_approval_step_oral_rel
                    (contract_approval_step_id, res_users_id)
        SELECT s.id, r.res_users_id
          FROM contract_approval_step s
          JOIN contract_approval_rule_line_oral_rel r
            ON r.contract_approval_rule_line_id = s.line_id
         WHERE s.state IN ('waiting', 'pending')
            ON CONFLICT DO NOTHING
        """
    )
    cr.execute(
        """
        INSERT INTO contract_deviation_res_users_rel
                    (contract_deviation_id, res_users_id)
        SELECT d.id, i.res_users_id
          FROM contract_deviation d
          JOIN contract_deviation_involved_rel i ON i.contract_deviation_id = d.id
         WHERE d.state IN ('analysed', 'submitted')
         UNION
        SELECT d.id, u.id
          FROM contract_deviation d
          JOIN mail_message m
            ON m.model = 'contract.deviation' AND m.res_id = d.id
          JOIN mail_tracking_value t ON t.mail_message_id = m.id
          JOIN ir_model_fields f
            ON f.id = t.field_id AND f.model = m.model AND f.name = 'user_id'
          JOIN res_users u ON u.id = t.old_value_integer
            ON CONFLICT DO NOTHING
        """
    )
