from odoo import api, fields, models
from odoo.tools import SQL, format_list

from ...tools.words import format_quantity
from ..contract.sale_order import OPEN_STATES

# How goods are provided for, the worst first.
SUPPLY = [
    ("unplanned", "Not planned"),
    ("short", "Short"),
    ("material", "Material short"),
    ("service", "Service"),
    ("coming", "Coming"),
    ("ready", "Reserved"),
    ("done", "Delivered"),
]


class ContractExecutionPlan(models.Model):
    """Order execution plan: what the ERP says will happen for each delivery term of a
    contract in effect: reserved, delivered, expected when, by which purchases and
    manufacturing orders, what is short (D8 §2.2, §2.3).

    Nothing is entered and nothing is stored: a row is a term, read from what is kept of
    the facts and from the moves behind its line. Of several terms of a line the first
    is provided for first. Quantities in the line's unit, days in the company's time
    zone.
    """

    _name = "contract.execution.plan"
    _description = "Order Execution Plan"
    _auto = False
    _rec_name = "number"
    _order = "agreed_date, order_id, id"

    order_id = fields.Many2one("sale.order", string="Contract", readonly=True)
    line_id = fields.Many2one("sale.order.line", string="Order Line", readonly=True)
    number = fields.Char(string="Contract No.", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    owner_id = fields.Many2one("res.users", string="Contract Owner", readonly=True)
    supervisor_id = fields.Many2one(
        "res.users", string="Performance Supervisor", readonly=True
    )
    team_id = fields.Many2one("crm.team", string="Office", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    uom_id = fields.Many2one("uom.uom", string="Unit", readonly=True)
    agreed_date = fields.Date(
        readonly=True, help="Day on which the term falls due; empty while it waits."
    )
    expected_date = fields.Date(
        readonly=True,
        help="Day on which the last of what is still to be delivered leaves, as it is "
        "planned: the scheduled day of its moves, or the latest one of what they wait "
        "for. The early warning reads the same.",
    )
    late_days = fields.Integer(
        string="Days Late",
        readonly=True,
        help="How many days after the agreed day it is expected; up to today at least, "
        "as long as something is left to deliver.",
    )
    handover_date = fields.Date(
        string="Handed Over",
        readonly=True,
        help="Last day on which goods of the line were handed over from production or "
        "from the stock to picking, packing or the output of the warehouse.",
    )
    quantity = fields.Float(
        string="Agreed Quantity",
        digits="Product Unit",
        readonly=True,
        help="What the term promises, in the unit of the order line.",
    )
    delivered_quantity = fields.Float(
        string="Delivered",
        digits="Product Unit",
        readonly=True,
        help="What fulfils the term, in the unit of the order line.",
    )
    left_quantity = fields.Float(
        string="To Deliver",
        digits="Product Unit",
        readonly=True,
        help="What the term promises and is not delivered yet, in the unit of the "
        "order line.",
    )
    reserved_quantity = fields.Float(
        string="Reserved",
        digits="Product Unit",
        readonly=True,
        help="What of it is reserved in the stock, or stands picked in the warehouse, "
        "in the unit of the order line.",
    )
    missing_quantity = fields.Float(
        string="Not Reserved",
        digits="Product Unit",
        readonly=True,
        help="What of it is neither delivered nor reserved, in the unit of the order "
        "line.",
    )
    supply = fields.Selection(
        SUPPLY,
        string="Readiness",
        readonly=True,
        help="Not planned: no move says when it leaves. Service: no goods, its "
        "progress is entered on the order line. Short: not all is reserved, and "
        "nothing on its way provides for the rest. Material short: components of "
        "what is made for it are missing. Coming: a purchase, a manufacturing "
        "order or another move provides for it.",
    )
    purchase_text = fields.Char(
        string="Purchases", compute="_compute_sources", compute_sudo=True
    )
    production_text = fields.Char(
        string="Manufacturing Orders", compute="_compute_sources", compute_sudo=True
    )
    short_text = fields.Char(
        string="What Is Short",
        compute="_compute_sources",
        compute_sudo=True,
        help="Goods and components that wait for stock, with what is missing of them.",
    )

    # ------------------------------------------------------------------
    # Rows
    # ------------------------------------------------------------------

    @property
    def _table_query(self):
        Facts = self.env["contract.facts"]
        Move = self.env["stock.move"]
        return SQL(
            """WITH RECURSIVE promise AS MATERIALIZED (
                SELECT f.*, SUM(f.left_quantity) OVER (
                           PARTITION BY f.line_id
                           ORDER BY f.date_due NULLS LAST, f.term_id) AS wanted
                  FROM (SELECT k.term_id, k.order_id, k.date_due, k.agreed_quantity,
                               k.actual_quantity, t.line_id,
                               CASE WHEN k.is_open THEN GREATEST(
                                        k.agreed_quantity - k.actual_quantity, 0)
                                    ELSE 0 END AS left_quantity
                          FROM (%(terms)s) k
                          JOIN contract_term t ON t.id = k.term_id
                          JOIN sale_order o ON o.id = k.order_id
                         WHERE k.kind = 'delivery' AND k.status <> 'waived'
                           AND o.contract_state = ANY(%(states)s)) f),
            %(chain)s,
            planned AS MATERIALIZED (
                SELECT line_id, product_id, is_part, SUM(quantity) AS quantity
                  FROM (%(planned)s) v
                 WHERE line_id IN (SELECT line_id FROM promise WHERE left_quantity > 0)
                 GROUP BY line_id, product_id, is_part),
            behind AS MATERIALIZED (
                SELECT c.line_id, c.product_id,
                       SUM(c.quantity) FILTER (WHERE c.is_reserved) AS reserved
                  FROM chain_move c WHERE NOT c.is_material
                 GROUP BY c.line_id, c.product_id),
            -- of a kit as much as of its scarcest component
            supply AS MATERIALIZED (
                SELECT p.line_id,
                       CASE WHEN BOOL_OR(p.is_part)
                            THEN MIN(COALESCE(b.reserved, 0) / NULLIF(p.quantity, 0))
                                 * MAX(w.wanted)
                            ELSE SUM(b.reserved) END AS reserved
                  FROM planned p
                  JOIN (SELECT line_id, MAX(wanted) AS wanted
                          FROM promise GROUP BY line_id) w ON w.line_id = p.line_id
                  LEFT JOIN behind b ON b.line_id = p.line_id
                                    AND b.product_id = p.product_id
                 GROUP BY p.line_id),
            around AS MATERIALIZED (
                SELECT line_id, BOOL_OR(is_source) AS has_source,
                       BOOL_OR(is_material AND is_short) AS lacks_material,
                       MAX(day) FILTER (WHERE is_handover) AS handover
                  FROM chain_move GROUP BY line_id),
            plan AS (
                SELECT p.*, e.day AS expected, a.handover, a.has_source,
                       a.lacks_material, s.line_id IS NOT NULL AS is_planned,
                       LEAST(p.left_quantity, GREATEST(0, COALESCE(s.reserved, 0)
                           - (p.wanted - p.left_quantity))) AS reserved
                  FROM promise p
                  LEFT JOIN supply s ON s.line_id = p.line_id
                  LEFT JOIN around a ON a.line_id = p.line_id
                  LEFT JOIN LATERAL (%(expected)s) e ON p.left_quantity > 0)
            SELECT p.term_id AS id, p.order_id, p.line_id,
                   COALESCE(o.contract_number, o.name) AS number,
                   c.commercial_partner_id AS partner_id, o.user_id,
                   o.contract_owner_id AS owner_id,
                   o.contract_supervisor_id AS supervisor_id, o.team_id, o.company_id,
                   l.product_id, l.product_uom_id AS uom_id,
                   p.date_due AS agreed_date, p.expected AS expected_date,
                   CASE WHEN p.left_quantity <= 0.000001 THEN 0
                        ELSE GREATEST(GREATEST(p.expected, y.today) - p.date_due, 0)
                   END AS late_days,
                   p.handover AS handover_date, p.agreed_quantity AS quantity,
                   p.actual_quantity AS delivered_quantity, p.left_quantity,
                   p.reserved AS reserved_quantity,
                   p.left_quantity - p.reserved AS missing_quantity,
                   CASE WHEN p.left_quantity <= 0.000001 THEN 'done'
                        WHEN NOT p.is_planned AND pt.type = 'service' THEN 'service'
                        WHEN NOT p.is_planned THEN 'unplanned'
                        WHEN p.reserved >= p.left_quantity - 0.000001 THEN 'ready'
                        WHEN p.lacks_material THEN 'material'
                        WHEN p.has_source THEN 'coming'
                        ELSE 'short' END AS supply
              FROM plan p
              JOIN sale_order o ON o.id = p.order_id
              JOIN (%(companies)s) y ON y.id = o.company_id
              JOIN sale_order_line l ON l.id = p.line_id
              LEFT JOIN product_product pp ON pp.id = l.product_id
              LEFT JOIN product_template pt ON pt.id = pp.product_tmpl_id
              LEFT JOIN res_partner c ON c.id = o.partner_id""",
            terms=Facts._kept_sql("terms"),
            states=list(OPEN_STATES),
            companies=Facts._companies_sql(),
            chain=self._chain_sql(SQL("SELECT line_id FROM promise")),
            planned=Move._contract_planned_sql(),
            expected=Move._contract_expected_sql(SQL("p.line_id"), SQL("p.wanted")),
        )

    @api.model
    def _chain_sql(self, lines):
        """SQL of two tables of a recursive statement: ``chain``, the moves of order
        lines and all those before them (with the components of what is made,
        ``is_material``), and ``chain_move``, what each of them says.

        :param lines: SQL of the ids of the lines
        """
        Move = self.env["stock.move"]
        before = [
            SQL(
                """SELECT r.move_orig_id AS id, FALSE AS is_material
                     FROM stock_move_move_rel r WHERE r.move_dest_id = c.move_id"""
            )
        ]
        sources = [SQL("src.usage IN ('supplier', 'production')")]
        names = "move_orig_ids quantity state date"
        if "raw_material_production_id" in Move._fields:
            names += " production_id raw_material_production_id created_production_id"
            before.append(
                SQL(
                    """SELECT w.id, TRUE FROM stock_move f
                         JOIN stock_move w ON w.raw_material_production_id = COALESCE(
                             f.production_id, f.created_production_id)
                        WHERE f.id = c.move_id"""
                )
            )
            sources.append(SQL("m.created_production_id IS NOT NULL"))
        if "created_purchase_line_ids" in Move._fields:
            names += " created_purchase_line_ids"
            sources.append(
                SQL(
                    """EXISTS (SELECT 1 FROM stock_move_created_purchase_line_rel q
                                WHERE q.move_id = m.id)"""
                )
            )
        return SQL(
            """chain (line_id, move_id, is_material) AS (
                SELECT sale_line_id, id, FALSE FROM stock_move
                 WHERE sale_line_id IN (%(lines)s) AND state <> 'cancel'
                 UNION
                SELECT c.line_id, b.id, c.is_material OR b.is_material
                  FROM chain c JOIN LATERAL (%(before)s) b ON TRUE),
            chain_move AS MATERIALIZED (
                SELECT c.line_id, c.move_id, c.is_material, m.product_id, m.state,
                       m.quantity * mu.factor / lu.factor AS quantity,
                       m.product_uom_qty - m.quantity AS missing,
                       m.product_uom AS uom_id,
                       m.state IN ('assigned', 'partially_available')
                           AND src.usage IN ('internal', 'transit') AS is_reserved,
                       m.state NOT IN ('done', 'cancel') AND (%(sources)s)
                           AS is_source,
                       m.state IN ('confirmed', 'partially_available')
                           AND src.usage = 'internal' AS is_short,
                       m.state = 'done' AND dst.usage = 'internal'
                           AND src.usage IN ('internal', 'production')
                           AND NOT c.is_material AS is_handover,
                       (m.date AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(
                           NULLIF(y.contract_tz, ''), 'UTC'))::date AS day
                  FROM chain c
                  JOIN stock_move m ON m.id = c.move_id
                  JOIN sale_order_line l ON l.id = c.line_id
                  JOIN res_company y ON y.id = l.company_id
                  JOIN uom_uom mu ON mu.id = m.product_uom
                  JOIN uom_uom lu ON lu.id = l.product_uom_id
                  JOIN stock_location src ON src.id = m.location_id
                  JOIN stock_location dst ON dst.id = m.location_dest_id
                 WHERE m.state <> 'cancel')""",
            lines=lines,
            before=SQL(" UNION ALL ").join(before),
            sources=SQL(" OR ").join(sources),
            to_flush=self.env["contract.facts"]._reads(("stock.move", names)),
        )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("number", "product_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.number} {row.product_id.display_name}"

    @api.depends_context("lang")
    @api.depends("line_id")
    def _compute_sources(self):
        orders, short = self._sources()
        Uom = self.env["uom.uom"]
        Product = self.env["product.product"]
        for row in self:
            for fname, model in (
                ("purchase_text", "purchase.order"),
                ("production_text", "mrp.production"),
            ):
                named = orders.get(model, {}).get(row.line_id.id, ())
                row[fname] = format_list(self.env, [r.name for r in named]) or False
            row.short_text = (
                format_list(
                    self.env,
                    [
                        f"{Product.browse(product).display_name} "
                        f"{format_quantity(self.env, missing)} "
                        f"{Uom.browse(uom).name}"
                        for product, uom, missing in short.get(row.line_id.id, ())
                    ],
                )
                or False
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @api.readonly
    def action_open_order(self):
        """Open the contract."""
        self.ensure_one()
        return self.order_id._contract_form_action()

    @api.readonly
    def action_open_purchases(self):
        """Open the purchases behind the term, for who may read them."""
        return self._open_sources("purchase.order")

    @api.readonly
    def action_open_productions(self):
        """Open the manufacturing orders behind the term, for who may read them."""
        return self._open_sources("mrp.production")

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _open_sources(self, model):
        self.ensure_one()
        self.check_access("read")
        orders = self.sudo()._sources()[0].get(model, {})
        found = orders.get(self.line_id.id)
        if not found:
            return False
        found = found.with_env(self.env)
        found.check_access("read")
        return found._get_records_action()

    def _sources(self):
        """What provides for the lines of these rows, as far as the apps are there.

        :return: ``{model: {line id: records}}``, and what is short of stock:
            ``{line id: [(product id, unit id, quantity)]}``
        """
        lines = self.line_id.ids
        Move = self.env["stock.move"]
        if not lines:
            return {}, {}
        parts = [
            SQL(
                """SELECT 'short' AS kind, line_id, product_id AS id, uom_id,
                          SUM(missing) AS missing
                     FROM chain_move WHERE is_short AND missing > 0
                    GROUP BY line_id, product_id, uom_id"""
            )
        ]
        if "created_purchase_line_ids" in Move._fields:
            parts.append(
                SQL(
                    """SELECT DISTINCT 'purchase.order', c.line_id, p.order_id,
                              NULL::int, NULL::numeric
                         FROM chain c
                         JOIN stock_move m ON m.id = c.move_id
                         LEFT JOIN stock_move_created_purchase_line_rel q
                           ON q.move_id = m.id
                         JOIN purchase_order_line p
                           ON p.id IN (q.created_purchase_line_id, m.purchase_line_id)
                         JOIN purchase_order po ON po.id = p.order_id
                        WHERE m.state <> 'cancel' AND po.state <> 'cancel'"""
                )
            )
        if "raw_material_production_id" in Move._fields:
            parts.append(
                SQL(
                    """SELECT DISTINCT 'mrp.production', c.line_id, p.id,
                              NULL::int, NULL::numeric
                         FROM chain c
                         JOIN stock_move m ON m.id = c.move_id
                         JOIN mrp_production p ON p.id IN (m.production_id,
                              m.created_production_id)
                        WHERE m.state <> 'cancel' AND p.state <> 'cancel'"""
                )
            )
        orders, short = {}, {}
        for row in self.env.execute_query_dict(
            SQL(
                "WITH RECURSIVE %s %s ORDER BY kind, line_id, id",
                self._chain_sql(SQL("SELECT UNNEST(%s)", lines)),
                SQL(" UNION ALL ").join(parts),
            )
        ):
            if row["kind"] == "short":
                short.setdefault(row["line_id"], []).append(
                    (row["id"], row["uom_id"], row["missing"])
                )
                continue
            ids = orders.setdefault(row["kind"], {}).setdefault(row["line_id"], [])
            ids.append(row["id"])
        return {
            model: {
                line: self.env[model].browse(ids).with_prefetch(sum(found.values(), []))
                for line, ids in found.items()
            }
            for model, found in orders.items()
        }, short
