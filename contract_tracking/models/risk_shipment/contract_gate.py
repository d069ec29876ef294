from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL, float_round, format_amount, format_date, format_list

from ...tools.gate import Reason
from ...tools.words import format_quantity
from .contract_risk_shipment_proposal import CHECKPOINTS, NEVER

KINDS = {checkpoint: kind for kind, checkpoint in CHECKPOINTS.items()}


class ContractGate(models.Model):
    """A held step is let through by approved applications that cover all of it; they
    are used up by it in the same transaction.

    Under REPEATABLE READ of two steps that use one permission the second fails at the
    UPDATE of its amount, and is tried again by core.
    """

    _inherit = "contract.gate"

    @api.model
    def _permit(self, step, reasons, consume=True):
        reasons = super()._permit(step, reasons, consume)
        kind = KINDS.get(step.checkpoint)
        codes = {reason.code for reason in reasons}
        if not reasons or not kind or codes & NEVER:
            return reasons
        # the facts say already that nobody applied
        if step.row and not step.row.get("risk_count"):
            return reasons
        look = self._risk_candidates if consume else self._risk_seen
        found = look(step, kind)
        need = self._risk_need(step, found[0]["used"] or {})
        if not need:
            return []
        usable, hints = self._risk_usable(step, found, codes)
        uses = self._risk_spread(step, need, usable, hints)
        if not uses:
            return [*reasons, *(Reason("permission", "hold", hint) for hint in hints)]
        if consume:
            self._risk_consume(step, uses)
        return []

    def _way_on(self, step, owner):
        way = super()._way_on(step, owner)
        if step.checkpoint not in KINDS or self._is_stopped(step):
            return way
        return self.env._(
            "%(way_on)s Who follows the contract can apply for permission by a "
            "risk-shipment application.",
            way_on=way,
        )

    def _risk_candidates(self, step, kind):
        """The applications of the contract for such a step, those that expire first
        first; a row without any, where there is none.

        :return: list of dicts; in each ``used`` what the step's moves used of such
            permissions already: ``{id of an order line: quantity}``
        """
        Shipment = self.env["contract.risk.shipment"]
        Use = self.env["contract.risk.use"]
        fields_read = [
            Shipment._fields[name]
            for name in (
                "order_id", "kind", "state", "name", "approved_until", "revoked_on",
                "reason_codes", "approved_amount", "used_amount",
            )
        ]  # fmt: skip
        self.env.flush_query(SQL("", to_flush=fields_read))
        for model in (
            Use, self.env["contract.risk.shipment.line"],
            self.env["contract.risk.condition"],
        ):  # fmt: skip
            model.flush_model()
        return self.env.execute_query_dict(
            SQL(
                """SELECT s.*, m.used
                     FROM (SELECT jsonb_object_agg(w.line_id, w.quantity) AS used
                             FROM (SELECT l.line_id,
                                          SUM(u.quantity - u.returned_quantity)
                                          AS quantity
                                     FROM contract_risk_use u
                                     JOIN contract_risk_shipment_line l
                                       ON l.id = u.row_id
                                     JOIN contract_risk_shipment a
                                       ON a.id = u.application_id
                                      AND a.kind = %(kind)s
                                    WHERE u.move_id = ANY(%(moves)s)
                                    GROUP BY l.line_id) w) m
                     LEFT JOIN (SELECT s.id, s.name, s.state, s.approved_until,
                                       s.revoked_on, s.reason_codes,
                                       s.approved_amount - s.used_amount AS amount_left,
                                       (SELECT jsonb_object_agg(l.line_id,
                                               jsonb_build_array(l.id,
                                               l.approved_quantity - l.used_quantity))
                                          FROM contract_risk_shipment_line l
                                         WHERE l.application_id = s.id) AS lines,
                                       (SELECT jsonb_agg(c.name ORDER BY c.id)
                                          FROM contract_risk_condition c
                                         WHERE c.application_id = s.id
                                           AND c.ticked_on IS NULL) AS conditions
                                  FROM contract_risk_shipment s
                                 WHERE s.order_id = %(order)s AND s.kind = %(kind)s
                                   AND s.state IN ('submitted', 'approved')) s ON TRUE
                    ORDER BY s.approved_until, s.id""",
                order=step.order.id,
                kind=kind,
                moves=step.moves.ids if step.moves else [],
            )
        )

    def _risk_seen(self, step, kind):
        """The same for somebody who looks at many steps: those of all of them are read
        at once."""
        applications = step.order.contract_risk_ids.filtered(lambda a: a.kind == kind)
        used = defaultdict(float)
        for use in applications.use_ids:
            if step.moves and use.move_id in step.moves:
                key = str(use.row_id.line_id.id)
                used[key] += use.quantity - use.returned_quantity
        rows = [
            {
                "id": application.id,
                "name": application.name,
                "state": application.state,
                "approved_until": application.approved_until,
                "revoked_on": application.revoked_on,
                "reason_codes": application.reason_codes,
                "amount_left": application.approved_amount - application.used_amount,
                "lines": {
                    str(row.line_id.id): (
                        row.id,
                        row.approved_quantity - row.used_quantity,
                    )
                    for row in application.line_ids
                },
                "conditions": application.condition_ids.filtered(
                    lambda c: not c.ticked_on
                ).mapped("name"),
                "used": used,
            }
            for application in applications.sorted(
                lambda a: (a.approved_until or a.date, a.id)
            )
            if application.state in ("submitted", "approved")
        ]
        return rows or [{"id": False, "used": used}]

    def _risk_need(self, step, used):
        """What of the step must be covered: ``{order line: quantity}``; what is worth
        nothing goes along with what isn't.

        :param used: ``{id of an order line: what its moves used already}``
        """
        need = {
            line: rest
            for line, quantity in step.lines.items()
            if line.product_uom_id.compare(
                rest := quantity - float(used.get(str(line.id), 0)), 0
            )
            > 0
        }
        currency = step.order.currency_id
        worth = {
            line: quantity
            for line, quantity in need.items()
            if line in step.beyond
            or not currency.is_zero(line._contract_gate_price() * quantity)
        }
        return worth or need

    def _risk_usable(self, step, found, codes):
        """Which of the applications can be used now, and why not the others.

        :return: (rows, sentences)
        """
        today = step.order._contract_today()
        usable, hints = [], []
        for row in found:
            if not row["id"]:
                continue
            name = row["name"]
            unknown = codes - set((row["reason_codes"] or "").split())
            if row["state"] == "submitted":
                hint = self.env._("%(document)s is not decided yet.", document=name)
            elif row["revoked_on"]:
                hint = self.env._("%(document)s was revoked.", document=name)
            elif row["approved_until"] < today:
                hint = self.env._(
                    "%(document)s expired on %(date)s.",
                    document=name,
                    date=format_date(self.env, row["approved_until"]),
                )
            elif unknown:
                hint = self.env._(
                    "%(document)s doesn't cover this: it was approved for another "
                    "reason.",
                    document=name,
                )
            elif row["conditions"]:
                hint = self.env._(
                    "%(document)s: not confirmed yet: %(conditions)s.",
                    document=name,
                    conditions=format_list(self.env, row["conditions"]),
                )
            else:
                usable.append(row)
                continue
            hints.append(hint)
        return usable, hints

    def _risk_spread(self, step, need, usable, hints):
        """Spread the step over the applications.

        :return: list of (application's row, order line, quantity, amount); empty if
            they don't cover all of it, then ``hints`` say what is left of them
        """
        currency = step.order.currency_id
        uses, missing = [], False
        left = {row["id"]: float(row["amount_left"]) for row in usable}
        for line, quantity in need.items():
            unit, price = line.product_uom_id, line._contract_gate_price()
            rest, value = quantity, currency.round(price * quantity)
            for row in usable:
                _id, most = (row["lines"] or {}).get(str(line.id), (0, 0))
                take = min(rest, float(most))
                if currency.compare_amounts(take * price, left[row["id"]]) > 0:
                    take = float_round(
                        left[row["id"]] / price,
                        precision_rounding=unit.rounding,
                        rounding_method="DOWN",
                    )
                if unit.compare(take, 0) <= 0:
                    continue
                rest -= take
                mine = (
                    value
                    if unit.is_zero(rest)
                    else min(value, currency.round(take * price))
                )
                mine = min(mine, left[row["id"]])
                value -= mine
                left[row["id"]] -= mine
                uses.append((row, line, take, mine))
                if unit.is_zero(rest):
                    break
            missing = missing or unit.compare(rest, 0) > 0
        if not missing:
            return uses
        for row in usable:
            hints.append(self._risk_rest_text(step, row))
        return []

    def _risk_rest_text(self, step, row):
        """What is left of an application that doesn't cover a step."""
        lines = {line.id: line for line in step.lines}
        parts = [
            self.env._(
                "%(quantity)s %(unit)s of “%(line)s”",
                quantity=format_quantity(self.env, max(0, float(rest))),
                unit=lines[int(key)].product_uom_id.name,
                line=lines[int(key)].product_id.display_name,
            )
            for key, (_id, rest) in (row["lines"] or {}).items()
            if int(key) in lines
        ]
        amount = format_amount(
            self.env, float(row["amount_left"]), step.order.currency_id
        )
        return self.env._(
            "%(document)s covers no more than %(rest)s.",
            document=row["name"],
            rest=format_list(self.env, [amount, *parts]),
        )

    def _risk_consume(self, step, uses):
        """Use the applications up: one statement, so that two steps never use the same
        part.

        :param uses: list of (application's row, order line, quantity, amount)
        """
        columns = defaultdict(list)
        for row, line, quantity, amount in uses:
            for move, part in self._risk_moves(step, line, quantity):
                columns["application"].append(row["id"])
                columns["row"].append(row["lines"][str(line.id)][0])
                columns["move"].append(move.id or None)
                columns["moved"].append(move.quantity)
                columns["quantity"].append(part)
                columns["amount"].append(amount * part / quantity)
        self.env.cr.execute(
            SQL(
                """WITH used AS (
                        SELECT * FROM UNNEST(
                               %(application)s::int[], %(row)s::int[], %(move)s::int[],
                               %(moved)s::float8[], %(quantity)s::numeric[],
                               %(amount)s::numeric[])
                            AS u (application_id, row_id, move_id, moved_quantity,
                                  quantity, amount)),
                   whole AS (
                        UPDATE contract_risk_shipment s
                           SET used_amount = COALESCE(s.used_amount, 0) + u.amount
                          FROM (SELECT application_id, SUM(amount) AS amount
                                  FROM used GROUP BY application_id) u
                         WHERE s.id = u.application_id),
                   part AS (
                        UPDATE contract_risk_shipment_line l
                           SET used_quantity = COALESCE(l.used_quantity, 0) + u.quantity
                          FROM (SELECT row_id, SUM(quantity) AS quantity
                                  FROM used GROUP BY row_id) u
                         WHERE l.id = u.row_id)
                   INSERT INTO contract_risk_use (
                          application_id, row_id, move_id, company_id, moved_quantity,
                          quantity, amount, returned_quantity, returned_amount,
                          create_uid, create_date, write_uid, write_date)
                   SELECT application_id, row_id, move_id, %(company)s, moved_quantity,
                          quantity, amount, 0, 0, %(user)s, %(now)s, %(user)s, %(now)s
                     FROM used""",
                company=step.order.company_id.id,
                user=self.env.uid,
                now=self.env.cr.now(),
                **columns,
            )
        )
        for model in (
            "contract.risk.shipment", "contract.risk.shipment.line", "contract.risk.use"
        ):  # fmt: skip
            self.env[model].invalidate_model()

    def _risk_moves(self, step, line, quantity):
        """Which moves take so much of an order line: a list of (move, quantity of the
        line). Of a kit the component that makes the most of it stands for all."""
        moves = (step.moves or line.move_ids.browse()).filtered(
            lambda move: move.sale_line_id == line
        )
        if len(moves) < 2 or moves.product_id != line.product_id:
            return [
                (
                    moves.sorted(lambda m: m.quantity * m.contract_line_units)[-1:],
                    quantity,
                )
            ]
        parts = []
        for move in moves:
            part = move.product_uom._compute_quantity(
                move.quantity, line.product_uom_id, round=False
            )
            part = quantity if move == moves[-1] else min(quantity, part)
            quantity -= part
            if part > 0:
                parts.append((move, part))
        return parts
