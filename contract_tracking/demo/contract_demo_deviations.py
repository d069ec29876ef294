"""The deviations of the demo: days from today, as in contract_demo_data.py."""

from datetime import timedelta

from odoo import Command, models
from odoo.tools import SQL

from ..models.contract.sale_order import OPEN_STATES
from ..tools.guard import unguarded
from .contract_demo_data import CONTRACTS

# fmt: off
DEVIATIONS = [
    {  # Being carried out: one action done, one overdue
        "key": "valves", "contract": "02", "term": "Gate", "kind": "late_delivery",
        "severity": "major", "day": -11, "handler": "sales", "days": 2,
        "department": "production", "cause": "material",
        "summary": "约定闸阀30台，到期一台未交。铸造厂阀体毛坯到货迟。",
        "note": "铸造厂更换熔炉未告知我司，且无备用供方。",
        "recommend": ("expedite", "reschedule"),
        "recommendation": "催促铸造厂，分两批交付，并主动告知客户新的交期。",
        "story": [
            (-10, "analyse", {}),
            (-10, "submit", {}),
            (-9, "approve", {"user": "office", "comment": "同意。"}),
            (-8, "approve", {"user": "leader", "outcome": "accept_changed",
                             "comment": "同意，并于月底前落实第二供应商。"}),
            (-8, "act", {"name": "派车自提首批12件阀体毛坯",
                         "user": "production", "department": "production", "by": -5}),
            (-8, "act", {"name": "认证第二家铸造厂", "user": "service",
                         "department": "service", "by": -1, "kind": "preventive"}),
            (-6, "done", {"action": "派车自提", "user": "production",
                          "text": "12件毛坯已到厂，正在加工。"}),
        ],
    },
    {  # To analyse
        "key": "balance", "contract": "02", "kind": "late_payment", "term": "alance",
        "severity": "minor", "day": -3, "handler": "sales", "days": 24,
        "summary": "首批货款只付了一部分，余款逾期。",
        "story": [],
    },
    {  # Two deviations in one report, closed
        "key": "andes", "contract": "16", "kind": "late_delivery", "day": -42,
        "severity": "major", "handler": "overseas", "days": 5, "cured": -75,
        "department": "logistics", "cause": "logistics", "term": "Submersible",
        "summary": "The pumps left five days after the agreed day: no vessel earlier.",
        "recommend": ("discount", "press_payment"),
        "recommendation": "Reduce the price by 1,500, as agreed by e-mail; then press "
                          "for the payment, without interest.",
        "with": {
            "key": "andes_payment", "kind": "late_payment", "severity": "minor",
            "days": 2, "cause": "customer_dispute", "term": "Payment 30",
            "summary": "The customer holds the payment back until the price is "
                       "settled.", "cured": -30,
        },
        "story": [
            (-42, "analyse", {}),
            (-42, "submit", {}),
            (-41, "approve", {"user": "leader", "comment": "Reduce it, once."}),
            (-41, "act", {"name": "Send the corrected statement", "user": "finance",
                          "department": "finance", "by": -36}),
            (-38, "done", {"action": "Send", "user": "finance",
                           "text": "Sent with the credit note."}),
            (-29, "report", {"text": "Price reduced, the balance received in full."}),
            (-27, "verify", {"user": "business",
                             "text": "Credit note and bank advice seen."}),
        ],
    },
    {  # Waits for the leader
        "key": "credit", "contract": "05", "kind": "document_missing", "day": -14,
        "severity": "critical", "handler": "overseas", "days": 16,
        "cause": "customer_funds", "term": "Irrevocable",
        "summary": "The letter of credit was agreed; it has not been opened. "
                   "Production is suspended.",
        "note": "The customer's bank asks for a higher cover.",
        "recommend": ("suspend", "supplement"),
        "recommendation": "Keep production suspended; offer payment before shipment in "
                          "a supplementary agreement.",
        "story": [
            (-13, "analyse", {}),
            (-2, "submit", {}),
        ],
    },
    {  # Given up by a leader
        "key": "impeller", "contract": "06", "kind": "returned", "day": -96,
        "severity": "minor", "handler": "sales", "cause": "quality",
        "department": "production", "term": "Impeller",
        "summary": "叶轮2件因铸造缺陷退回。",
        "story": [
            (-90, "waive", {"user": "leader", "text": "已冲红，客户不要求补货。"}),
        ],
    },
    {  # The result waits for somebody who had no part in it
        "key": "steel", "contract": "09", "kind": "late_payment", "day": -23,
        "severity": "minor", "handler": "office", "days": 4, "term": "45天",
        "cause": "customer_funds", "channel": "oral",
        # of the second delivery: 2 pumps with taxes, 45 days after they left
        "agreed": (-25, 305100), "actual": (-21, 305100), "cured": -21,
        "summary": "第二批货款应于发货后45天支付，客户电话请求宽限几天。",
        "recommend": ("press_payment",),
        "recommendation": "本次宽限数日，不计利息。",
        "story": [
            (-23, "analyse", {}),
            (-23, "submit", {}),
            (-22, "approve", {"user": "leader", "comment": "同意。"}),
            (-4, "report", {"text": "客户已于宽限期内付清。"}),
        ],
    },
    {  # Rejected once: its handler revises it
        "key": "training", "contract": "15", "kind": "late_delivery", "day": -13,
        "severity": "minor", "handler": "sales", "days": 2, "term": "raining",
        "cause": "capacity", "department": "service",
        "summary": "操作培训约定10天，已完成6天，缺4天。",
        "recommend": ("concession",),
        "recommendation": "与客户协商让步，免去余下4天。",
        "story": [
            (-12, "analyse", {}),
            (-12, "submit", {}),
            (-11, "approve", {"user": "office"}),
            (-10, "refuse", {"user": "leader",
                             "comment": "客户按10天付款，请安排培训师补足。"}),
        ],
    },
    {  # No deviation after all
        "key": "manuals", "contract": "01", "kind": "document_missing", "day": -19,
        "severity": "minor", "handler": "sales", "days": 1, "term": "操作手册",
        "summary": "现场未确认收到操作手册。",
        "story": [
            (-18, "cancel", {"user": "office", "text": "手册已随货移交，签收单"
                                                       "已找到。"}),
        ],
    },
]
# fmt: on


class ContractDemo(models.AbstractModel):
    """Deviations of the demo, each as far as its story goes."""

    _inherit = "contract.demo"

    def _create_deviations(self):
        """Make the deviations and take their steps, each on its day."""
        found = self._find_deviations()
        steps = []
        for values in DEVIATIONS:
            steps.append((values["day"], values, "start", {}))
            steps += [(day, values, step, what) for day, step, what in values["story"]]
        for day, values, step, what in sorted(steps, key=lambda item: item[0]):
            demo = self._in_language_of(values["contract"])
            demo._date_deviation_step(self._day(day), values, step, what)
        self._settle_deviations(found)

    def _find_deviations(self):
        """As the daily run does, in the language of each customer."""
        Deviation = self.env["contract.deviation"]
        for contract in CONTRACTS:
            demo = self._in_language_of(contract["key"])
            order = demo._ref("contract_demo", contract["key"])
            if not contract.get("quotation"):
                Deviation |= demo.env["contract.deviation"]._detect(order)
        # those that a later part of the demo made
        orders = self.env["sale.order"].search([("contract_state", "in", OPEN_STATES)])
        Deviation |= self.env["contract.deviation"]._detect(orders)
        frames = self.env["contract.frame"].search([("state", "=", "active")])
        return Deviation.with_env(self.env) | Deviation._detect(frames)

    def _settle_deviations(self, found):
        """The business office gives up what was minor and is cured; the rest was found
        these days and waits for its handlers."""
        business = self._ref("user", "business")
        for deviation in found.filtered(lambda d: d.state == "detected"):
            since = deviation.agreed_date or deviation.actual_date or self._day(-1)
            day = since + timedelta(days=1)
            cured = deviation.cured_on
            if not cured or deviation.severity != "minor":
                unguarded(deviation).date = max(day, self._day(-2))
                deviation._sync_activities()
                continue
            unguarded(deviation).date = day
            deviation.with_user(business)._waive(
                self._say(
                    "偏差轻微且已补救，记录备查。", "Minor, and cured in the meantime."
                ),
                self.env["ir.attachment"],
            )
            unguarded(deviation).ended_on = self._moment(cured + timedelta(days=1))

    def _date_deviation_step(self, day, values, step, what):
        """Take a step and date what it left: everything knows today only."""
        tables = ("mail_message", "contract_approval_step")
        last = {table: self._last_id(table) for table in tables}
        moment = self._moment(day)
        deviation = self.env.ref(
            f"contract_tracking.demo_deviation_{values['key']}", False
        )
        before = {}
        moments = ("submitted_on", "decided_on", "reported_on", "verified_on")
        if deviation:
            before = {name: deviation[name] for name in (*moments, "ended_on")}
        deviation = getattr(self, f"_deviation_{step}")(deviation, day, values, **what)
        family = deviation | deviation.included_ids
        for name in (*moments, "ended_on"):
            if deviation[name] and deviation[name] != before.get(name):
                unguarded(family).write({name: moment})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_message SET date = %s WHERE id > %s",
            [moment, last["mail_message"]],
        )
        for column in ("pending_on", "decided_on"):
            self.env.cr.execute(
                SQL(
                    """UPDATE contract_approval_step SET %(column)s = %(moment)s
                        WHERE res_model = 'contract.deviation' AND res_id IN %(ids)s
                          AND %(column)s > %(moment)s
                          AND %(column)s >= now() AT TIME ZONE 'UTC' - interval '1 h'
                    """,
                    column=SQL.identifier(column),
                    moment=moment,
                    ids=tuple(family.ids),
                )
            )
        self.env.cr.execute(
            """UPDATE contract_approval_step
                  SET date_deadline = ((pending_on + interval '2 days')
                      AT TIME ZONE 'UTC' AT TIME ZONE %s)::date
                WHERE res_model = 'contract.deviation' AND res_id IN %s""",
            [family.company_id.contract_tz, tuple(family.ids)],
        )
        self.env.invalidate_all()
        family._sync_activities()

    def _deviation_start(self, _deviation, day, values):
        """The deviation that the daily run found, else a reported one."""
        deviation = self._create_deviation(day, values, values)
        if "with" in values:
            other = self._create_deviation(day, values, {**values, **values["with"]})
            (deviation | other).with_user(
                self._ref("user", values["handler"])
            ).action_one_report()
        return deviation

    def _create_deviation(self, day, values, what):
        order = self._ref("contract_demo", values["contract"])
        handler = self._ref("user", values["handler"])
        term = (
            self._term(order, what.get("term", "-"))
            .filtered(lambda t: not t.date_due or t.date_due <= self._day(0))
            .sorted(lambda t: str(t.date_due))[-1:]
        )
        Deviation = self.env["contract.deviation"].with_user(handler)
        deviation = Deviation.search(
            [
                ("order_id", "=", order.id),
                ("kind", "=", what["kind"]),
                ("term_id", "=", term.id),
                ("state", "=", "detected"),
            ],
            limit=1,
        )
        vals = {
            "user_id": handler.id,
            "date": day,
            "severity": what["severity"],
            "summary": what["summary"],
            "channel": what.get("channel", "written"),
            "cause_note": what.get("note"),
            "recommendation": what.get("recommendation"),
            "recommendation_ids": [
                Command.link(
                    self.env.ref(
                        f"contract_tracking.deviation_recommendation_{name}"
                    ).id
                )
                for name in what.get("recommend", ())
            ],
        }
        if "cause" in what:
            cause = self.env.ref(f"contract_tracking.deviation_cause_{what['cause']}")
            vals["cause_id"] = cause.id
        if "department" in what:
            vals["department_id"] = self._ref("department", what["department"]).id
        if deviation:
            deviation.write(vals)
        else:
            deviation = Deviation.create(
                {
                    "order_id": order.id,
                    "kind": what["kind"],
                    "term_id": term.id,
                    "line_id": term.line_id.id,
                    "impact_days": what.get("days", 0),
                    "impact_amount": term.agreed_amount - term.actual_amount
                    or term.agreed_amount,
                    **vals,
                }
            )
            self._add_facts(deviation, term, what)
        self.env["ir.model.data"]._update_xmlids(
            [
                {
                    "xml_id": f"contract_tracking.demo_deviation_{what['key']}",
                    "record": deviation,
                    "noupdate": True,
                }
            ]
        )
        return deviation.with_user(self.env.user)

    def _add_facts(self, deviation, term, what):
        """What was agreed and what happened, as the daily run would write it."""
        if not term:
            return
        row = self.env["contract.facts"]._read_terms(deviation.order_id, None)[term.id]
        values = {
            "agreed_date": term.date_due,
            "agreed_quantity": term.agreed_quantity,
            "actual_quantity": term.actual_quantity,
            "actual_date": row["actual_date"],
            "cured_on": "cured" in what and self._day(what["cured"]),
        }
        if term.kind == "payment":
            values.update(
                agreed_amount=term.agreed_amount, actual_amount=term.actual_amount
            )
        for name in ("agreed", "actual"):
            if name in what:
                day, amount = what[name]
                values[f"{name}_date"] = self._day(day)
                values[f"{name}_amount"] = values["impact_amount"] = amount
        unguarded(deviation.sudo()).write(values)

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def _handled(self, deviation, values):
        return deviation.with_user(self._ref("user", values["handler"]))

    def _deviation_analyse(self, deviation, _day, values):
        self._handled(deviation, values).action_analyse()
        return deviation

    def _deviation_submit(self, deviation, _day, values):
        self._handled(deviation, values).action_submit()
        return deviation

    def _deviation_approve(
        self, deviation, _day, _values, user, comment=False, outcome="accept"
    ):
        deviation.with_user(self._ref("user", user)).action_approve(comment, outcome)
        return deviation

    def _deviation_refuse(self, deviation, _day, _values, user, comment):
        deviation.with_user(self._ref("user", user)).action_refuse(comment)
        return deviation

    def _deviation_act(
        self, deviation, _day, values, name, user, department, by, kind="corrective"
    ):
        handler = self._ref("user", values["handler"])
        self.env["contract.action"].with_user(handler).create(
            {
                "res_model": deviation._name,
                "res_id": deviation.id,
                "name": name,
                "kind": kind,
                "user_id": self._ref("user", user).id,
                "department_id": self._ref("department", department).id,
                "date_deadline": self._day(by),
            }
        )
        return deviation

    def _deviation_done(self, deviation, day, _values, action, user, text):
        action = deviation.action_ids.filtered(lambda a: a.name.startswith(action))
        action.with_user(self._ref("user", user))._report_done(
            text, self.env["ir.attachment"]
        )
        unguarded(action).write({"done_on": day})
        return deviation

    def _deviation_report(self, deviation, _day, values, text):
        self._handled(deviation, values)._report(text, self.env["ir.attachment"])
        return deviation

    def _deviation_verify(self, deviation, _day, _values, user, text):
        deviation.with_user(self._ref("user", user))._verify(text)
        return deviation

    def _deviation_waive(self, deviation, _day, _values, user, text):
        deviation.with_user(self._ref("user", user))._waive(
            text, self.env["ir.attachment"]
        )
        return deviation

    def _deviation_cancel(self, deviation, _day, _values, user, text):
        deviation.with_user(self._ref("user", user))._dismiss(
            text, self.env["ir.attachment"]
        )
        return deviation
