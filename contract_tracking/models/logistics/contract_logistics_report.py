from odoo import api, fields, models
from odoo.tools import SQL


class ContractLogisticsReport(models.Model):
    """Logistics report: each delivery of a contract from dispatch to signature: who
    carried it, how long it was under way, whether it came on the agreed day, what went
    wrong (D8 §2.4, §3.4).

    A row is a delivery to the customer, read from the ERP's own rows. The agreed day
    is that of the first promise that its goods fill; on time is judged by what fulfils
    the contract: dispatch, receipt or B/L. Days are those of the company's time zone.
    """

    _name = "contract.logistics.report"
    _description = "Logistics Report"
    _auto = False
    _rec_name = "picking_id"
    _order = "dispatched_date desc, id desc"

    picking_id = fields.Many2one("stock.picking", string="Delivery", readonly=True)
    order_id = fields.Many2one("sale.order", string="Contract", readonly=True)
    number = fields.Char(string="Contract No.", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    owner_id = fields.Many2one("res.users", string="Contract Owner", readonly=True)
    supervisor_id = fields.Many2one(
        "res.users", string="Performance Supervisor", readonly=True
    )
    team_id = fields.Many2one("crm.team", string="Office", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    carrier = fields.Char(readonly=True)
    tracking = fields.Char(string="Tracking No.", readonly=True)
    state = fields.Selection(
        selection=lambda self: (
            self.env["stock.picking"]
            ._fields["contract_logistics_state"]
            ._description_selection(self.env)
        ),
        readonly=True,
    )
    dispatched_date = fields.Date(string="Dispatched", readonly=True)
    transit_date = fields.Date(string="In Transit Since", readonly=True)
    arrival_date = fields.Date(string="Arrived", readonly=True)
    signed_date = fields.Date(string="Signed For", readonly=True)
    agreed_date = fields.Date(
        readonly=True,
        help="Agreed day of the first promise of the contract that these goods fill.",
    )
    days = fields.Integer(
        string="Days Under Way",
        readonly=True,
        aggregator="avg",
        help="From the dispatch to the arrival, or the signature where no arrival is "
        "recorded; to today of what is still under way.",
    )
    on_time = fields.Selection(
        [("on_time", "On time"), ("late", "Late"), ("open", "Under way")],
        readonly=True,
        help="Whether it was there on or before the agreed day, by what fulfils the "
        "contract. Late too is what isn't there and whose day has passed.",
    )
    late_days = fields.Integer(
        string="Days Late",
        readonly=True,
        aggregator="avg",
        help="Days after the agreed day on which it was there, or up to today.",
    )
    on_time_rate = fields.Float(
        readonly=True,
        digits=0,
        aggregator="avg",
        help="Share of the deliveries that were there, or are late, and came on time.",
    )
    exceptions = fields.Integer(
        readonly=True, help="Exceptions that were recorded of the delivery."
    )
    open_exceptions = fields.Integer(
        readonly=True, help="Exceptions of the delivery that are not closed."
    )

    @property
    def _table_query(self):
        Facts = self.env["contract.facts"]
        carrier, tracking, joins = self._carrier_sql()
        return SQL(
            """WITH promise AS MATERIALIZED (
                SELECT t.line_id, k.date_due,
                       SUM(k.agreed_quantity) OVER (
                           PARTITION BY t.line_id
                           ORDER BY k.date_due NULLS LAST, k.term_id) AS upto
                  FROM (%(terms)s) k
                  JOIN contract_term t ON t.id = k.term_id
                 WHERE k.kind = 'delivery' AND k.status <> 'waived'),
            leaving AS (
                SELECT m.id, m.picking_id, m.sale_line_id AS line_id,
                       m.product_id <> l.product_id AS is_part,
                       SUM(x.quantity) OVER w - x.quantity AS before
                  FROM stock_move m
                  JOIN sale_order_line l ON l.id = m.sale_line_id
                  JOIN uom_uom mu ON mu.id = m.product_uom
                  JOIN uom_uom lu ON lu.id = l.product_uom_id
                  JOIN stock_location src ON src.id = m.location_id
                  JOIN stock_location dst ON dst.id = m.location_dest_id
                 CROSS JOIN LATERAL (
                     SELECT CASE WHEN m.state = 'done' THEN m.quantity
                                 ELSE m.product_uom_qty END
                            * mu.factor / lu.factor AS quantity) x
                 WHERE m.state NOT IN ('draft', 'cancel') AND src.usage <> 'customer'
                   AND (dst.usage = 'customer'
                        OR dst.usage = 'transit' AND dst.company_id IS NULL)
                   AND m.sale_line_id IN (SELECT line_id FROM promise)
                WINDOW w AS (PARTITION BY m.sale_line_id, m.product_id
                             ORDER BY m.state <> 'done', m.date, m.id)),
            agreed AS (
                SELECT v.picking_id, MIN(p.day) AS day
                  FROM leaving v
                  JOIN LATERAL (
                       SELECT MIN(date_due) AS day FROM promise p
                        WHERE p.line_id = v.line_id
                          AND (v.is_part OR p.upto > v.before + 0.000001)) p ON TRUE
                 GROUP BY v.picking_id),
            bad AS (
                SELECT picking_id, COUNT(*) AS number,
                       COUNT(*) FILTER (WHERE state <> 'closed') AS open
                  FROM contract_logistics_exception GROUP BY picking_id),
            delivery AS (
                SELECT p.id, p.sale_id, p.state, p.contract_transit_date AS transit,
                       p.contract_arrival_date AS arrival,
                       p.contract_receipt_date AS signed,
                       CASE WHEN p.state = 'done' THEN (
                           p.date_done AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(
                               NULLIF(y.contract_tz, ''), 'UTC'))::date
                       END AS dispatched,
                       CASE COALESCE(o.contract_fulfilment, y.contract_fulfilment,
                                     'dispatch')
                            WHEN 'receipt' THEN p.contract_receipt_date
                            WHEN 'bl' THEN p.contract_bl_date
                            ELSE CASE WHEN p.state = 'done' THEN (
                                p.date_done AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(
                                    NULLIF(y.contract_tz, ''), 'UTC'))::date END
                       END AS fulfilled,
                       a.day AS agreed, c.today, %(carrier)s AS carrier,
                       %(tracking)s AS tracking
                  FROM stock_picking p
                  JOIN sale_order o ON o.id = p.sale_id
                  JOIN stock_location dst ON dst.id = p.location_dest_id
                  JOIN res_company y ON y.id = o.company_id
                  JOIN (%(companies)s) c ON c.id = o.company_id
                  LEFT JOIN res_partner cp ON cp.id = p.contract_carrier_id
                  %(joins)s
                  LEFT JOIN agreed a ON a.picking_id = p.id
                 WHERE o.contract_state IS NOT NULL
                   AND p.state NOT IN ('draft', 'cancel')
                   AND (dst.usage = 'customer'
                        OR dst.usage = 'transit' AND dst.company_id IS NULL)
                   AND (p.state = 'done' OR o.contract_state <> 'cancelled'))
            SELECT d.id, d.id AS picking_id, d.sale_id AS order_id,
                   COALESCE(o.contract_number, o.name) AS number,
                   r.commercial_partner_id AS partner_id, o.user_id,
                   o.contract_owner_id AS owner_id,
                   o.contract_supervisor_id AS supervisor_id, o.team_id, o.company_id,
                   d.carrier, d.tracking,
                   CASE WHEN d.state <> 'done' THEN 'waiting'
                        WHEN d.signed IS NOT NULL THEN 'signed'
                        WHEN d.arrival IS NOT NULL THEN 'arrived'
                        WHEN d.transit IS NOT NULL THEN 'transit'
                        ELSE 'dispatched' END AS state,
                   d.dispatched AS dispatched_date, d.transit AS transit_date,
                   d.arrival AS arrival_date, d.signed AS signed_date,
                   d.agreed AS agreed_date,
                   COALESCE(d.arrival, d.signed, d.today) - d.dispatched AS days,
                   j.on_time,
                   CASE WHEN j.on_time = 'late'
                        THEN COALESCE(d.fulfilled, d.today) - d.agreed
                        WHEN j.on_time = 'on_time' THEN 0 END AS late_days,
                   CASE j.on_time WHEN 'on_time' THEN 1.0
                                  WHEN 'late' THEN 0.0 END AS on_time_rate,
                   COALESCE(b.number, 0) AS exceptions,
                   COALESCE(b.open, 0) AS open_exceptions
              FROM delivery d
             CROSS JOIN LATERAL (
                 SELECT CASE WHEN COALESCE(d.fulfilled, d.today) > d.agreed THEN 'late'
                             WHEN d.fulfilled IS NULL THEN 'open'
                             WHEN d.agreed IS NOT NULL THEN 'on_time' END AS on_time) j
              JOIN sale_order o ON o.id = d.sale_id
              LEFT JOIN res_partner r ON r.id = o.partner_id
              LEFT JOIN bad b ON b.picking_id = d.id""",
            terms=Facts._kept_sql("terms"),
            companies=Facts._companies_sql(),
            carrier=carrier,
            tracking=tracking,
            joins=joins,
            to_flush=Facts._reads(
                (
                    "stock.picking",
                    "sale_id state date_done location_dest_id contract_carrier_id "
                    "contract_tracking_ref contract_transit_date contract_bl_date "
                    "contract_arrival_date contract_receipt_date",
                ),
                ("contract.logistics.exception", "picking_id state"),
            ),
        )

    @api.model
    def _carrier_sql(self):
        """SQL of carrier and tracking number of a delivery ``p``, and of what it takes
        to join: as the delivery itself reads them."""
        carrier, tracking = self.env["stock.picking"]._contract_core_carrier()
        name, joins = SQL("cp.name"), SQL()
        if carrier:
            method = self.env["delivery.carrier"]
            name = SQL(
                "COALESCE(%s, cp.name)",
                method.sudo()._field_to_sql("dc", "name"),
            )
            joins = SQL("LEFT JOIN delivery_carrier dc ON dc.id = p.carrier_id")
        number = SQL("p.contract_tracking_ref")
        if tracking:
            number = SQL(
                "COALESCE(NULLIF(p.carrier_tracking_ref, ''), p.contract_tracking_ref)"
            )
        return name, number, joins

    @api.depends("picking_id", "number")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.number} {row.sudo().picking_id.name}"

    @api.readonly
    def action_open_delivery(self):
        """Open the delivery."""
        self.ensure_one()
        return self.picking_id._get_records_action()
