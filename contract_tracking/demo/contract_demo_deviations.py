"""The deviations of the demo: days from today, as in contract_demo_data.py."""

from odoo import Command, models
from odoo.tools import SQL

from ..tools.guard import unguarded

# fmt: off
DEVIATIONS = [
    {  # Being carried out: one action done, one overdue
        "key": "valves", "contract": "02", "term": "Gate", "kind": "late_delivery",
        "severity": "major", "day": -11, "handler": "sales", "days": 2,
        "department": "production", "cause": "material",
        "summary": "30 gate valves were agreed; none was delivered on the day. The "
                   "foundry sends the bodies late.\n约定闸阀30台，至今未交付。",
        "note": "The foundry changed its furnace without telling us; no second source.",
        "recommend": ("expedite", "reschedule"),
        "recommendation": "Press the foundry, deliver in two parts, tell the customer "
                          "the new dates before he asks.",
        "story": [
            (-10, "analyse", {}),
            (-10, "submit", {}),
            (-9, "approve", {"user": "office", "comment": "Agreed."}),
            (-8, "approve", {"user": "leader", "outcome": "accept_changed",
                             "comment": "Yes, and a second foundry before the end of "
                                        "the month. 同意，并尽快落实第二供应商。"}),
            (-8, "act", {"name": "Fetch the first 12 bodies by our own truck",
                         "user": "production", "department": "production", "by": -5}),
            (-8, "act", {"name": "Qualify a second foundry", "user": "service",
                         "department": "service", "by": -1, "kind": "preventive"}),
            (-6, "done", {"action": "Fetch", "user": "production",
                          "text": "12 bodies are here and being machined."}),
        ],
    },
    {  # To analyse
        "key": "balance", "contract": "02", "kind": "late_payment", "term": "alance",
        "severity": "minor", "day": -3, "handler": "sales", "days": 24,
        "summary": "The balance of the first batch is paid in part only.",
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
                   "Production is suspended.\n信用证未按期开立，生产已暂停。",
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
        "summary": "Two impellers came back with casting defects.",
        "story": [
            (-90, "waive", {"user": "leader", "text": "Credited; the customer wants no "
                                                      "replacement."}),
        ],
    },
    {  # The result waits for somebody who had no part in it
        "key": "steel", "contract": "09", "kind": "late_payment", "day": -23,
        "severity": "minor", "handler": "office", "days": 4, "term": "45 days",
        "cause": "customer_funds", "channel": "oral", "cured": -21,
        "summary": "The second delivery was payable after 45 days; the customer asked "
                   "on the phone for a few days more.",
        "recommend": ("press_payment",),
        "recommendation": "Grant four days, without interest, this once.",
        "story": [
            (-23, "analyse", {}),
            (-23, "submit", {}),
            (-22, "approve", {"user": "leader", "comment": "Agreed."}),
            (-4, "report", {"text": "Paid in full after four days."}),
        ],
    },
    {  # Rejected once: its handler revises it
        "key": "training", "contract": "15", "kind": "short_quantity", "day": -13,
        "severity": "minor", "handler": "sales", "days": 2, "term": "raining",
        "cause": "capacity", "department": "service",
        "summary": "Four of ten days of training are missing.",
        "recommend": ("concession",),
        "recommendation": "Ask the customer to do without them.",
        "story": [
            (-12, "analyse", {}),
            (-12, "submit", {}),
            (-11, "approve", {"user": "office"}),
            (-10, "refuse", {"user": "leader",
                             "comment": "He paid for ten. Find a trainer."}),
        ],
    },
    {  # No deviation after all
        "key": "manuals", "contract": "01", "kind": "document_missing", "day": -19,
        "severity": "minor", "handler": "sales", "days": 1, "term": "manuals",
        "summary": "Operating manuals not confirmed by the site.",
        "story": [
            (-18, "cancel", {"user": "office", "text": "They were handed over with the "
                                                       "goods; the slip was found."}),
        ],
    },
]
# fmt: on


class ContractDemo(models.AbstractModel):
    """Deviations of the demo, each as far as its story goes."""

    _inherit = "contract.demo"

    def _create_deviations(self):
        """Make the deviations and take their steps, each on its day."""
        steps = []
        for values in DEVIATIONS:
            steps.append((values["day"], values, self._start_deviation, {}))
            steps += [
                (day, values, getattr(self, f"_deviation_{step}"), what)
                for day, step, what in values["story"]
            ]
        for day, values, step, what in sorted(steps, key=lambda item: item[0]):
            self._date_deviation_step(self._day(day), values, step, what)

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
        deviation = step(deviation, day, values, **what)
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

    def _start_deviation(self, _deviation, day, values):
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
        term = order.contract_term_ids.filtered(
            lambda t: (
                what.get("term", "-") in t.display_name
                and (not t.date_due or t.date_due <= self._day(0))
            )
        ).sorted(lambda t: str(t.date_due))[-1:]
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
            "kind": what["kind"],
            "term_id": term.id,
            "line_id": term.line_id.id,
            "user_id": handler.id,
            "date": day,
            "severity": what["severity"],
            "summary": what["summary"],
            "impact_days": what.get("days", 0),
            "impact_amount": term.agreed_amount - term.actual_amount
            or term.agreed_amount,
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
            deviation = Deviation.create({"order_id": order.id, **vals})
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
