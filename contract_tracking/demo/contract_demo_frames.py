"""The frame agreements of the demo: days from today, as in contract_demo_data.py."""

from odoo import Command, models

from ..tools.guard import unguarded

# fmt: off
FRAMES = [
    {  # Spare parts of a year: contracts 06, 17 and 18 are its call-offs
        "key": "spares", "partner": "jinling", "seller": "sales", "signed": -152,
        "from": -150, "until": 214, "template": "monthly_60", "reference": "YH-KJ-02",
        "signatory": "顾萍", "total": 707380,
        "payment_term": "contract_tracking.demo_payment_term_monthly",
        "lines": [("seal", 200, 1850), ("impeller", 40, 6400)],
        "terms": [
            {"kind": "clause", "name": "半年调价",
             "day": 32},
            {"kind": "document", "name": "下半年需求预测",
             "day": 20},
        ],
        "record": -20,
    },
    {  # Valves of a terminal: ends soon, hardly used; contract 13 is its call-off
        "key": "valves", "partner": "beilun", "seller": "sales", "signed": -346,
        "from": -345, "until": 19, "template": "30_70_delivery",
        "reference": "BL-KJ-25", "signatory": "方磊", "total": 1000000,
        "payment_term": "account.account_payment_term_30days",
        "lines": [("gv150", 120, 3200), ("cv100", 40, 12500)],
        "terms": [],
    },
]
# fmt: on


class ContractDemo(models.AbstractModel):
    """Frame agreements of the demo, signed and put into effect."""

    _inherit = "contract.demo"

    def _create_frames(self):
        """Make the frame agreements, each dated from its signature on."""
        for values in FRAMES:
            day = self._day(values["signed"])
            last = {
                table: self._last_id(table)
                for table in ("contract_history", "mail_message")
            }
            frame = self._create_frame(values, day)
            self.env["ir.model.data"]._update_xmlids(
                [
                    {
                        "xml_id": f"contract_tracking.demo_frame_{values['key']}",
                        "record": frame,
                        "noupdate": True,
                    }
                ]
            )
            self._file_frame(frame, day)
            frame.with_user(frame.owner_id).action_activate()
            unguarded(frame).write({"effective_date": day})
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE contract_history SET date = %s WHERE id > %s AND frame_id = %s",
                [day, last["contract_history"], frame.id],
            )
            self.env.cr.execute(
                "UPDATE mail_message SET date = %s WHERE id > %s",
                [self._moment(day), last["mail_message"]],
            )
        self.env.invalidate_all()

    def _create_frame(self, values, day):
        seller = self._ref("user", values["seller"])
        [number] = self.env["contract.form.type"]._next_numbers(
            "contract.frame", self.env.company, 1, day
        )
        return (
            self.env["contract.frame"]
            .with_user(seller)
            .create(
                {
                    "name": number,
                    "partner_id": self._ref("partner", values["partner"]).id,
                    "client_ref": values["reference"],
                    "currency_id": self.env.ref("base.CNY").id,
                    "owner_id": seller.id,
                    "supervisor_id": self._ref("user", "business").id,
                    "team_id": seller.crm_team_ids[:1].id,
                    "signing_date": day,
                    "signatory": self._ref("user", "leader").name,
                    "customer_signatory": values["signatory"],
                    "date_start": self._day(values["from"]),
                    "date_end": self._day(values["until"]),
                    "schedule_template_id": self.env.ref(
                        f"contract_tracking.template_{values['template']}"
                    ).id,
                    "payment_term_id": self.env.ref(values["payment_term"]).id,
                    "amount_total": values["total"],
                    "line_ids": [
                        Command.create(
                            {
                                "product_id": self._ref("product", code).id,
                                "quantity": quantity,
                                "price_unit": price,
                            }
                        )
                        for code, quantity, price in values["lines"]
                    ],
                    "term_ids": [
                        Command.create(
                            {
                                "kind": term["kind"],
                                "name": term["name"],
                                "due_mode": "date",
                                "date_fixed": self._day(term["day"]),
                            }
                        )
                        for term in values["terms"]
                    ],
                }
            )
            .with_user(self.env.user)
        )

    def _file_frame(self, frame, day):
        """The paper with both seals."""
        title = self._say("双方签章框架合同", "Signed frame agreement")
        self.env["contract.document"].with_user(frame.owner_id).create(
            {
                "name": title,
                "frame_id": frame.id,
                "type_id": self.env.ref("contract_tracking.document_type_signed").id,
                "date": day,
                "partner_ids": [Command.set(frame.partner_id.ids)],
                "attachment_ids": [self._paper(frame, title, day, frame.client_ref)],
            }
        )

    def _record_frames(self):
        """Tracking records of frame agreements, after the life of their call-offs."""
        for values in FRAMES:
            if "record" not in values:
                continue
            frame = self._ref("frame", values["key"])
            day = self._day(values["record"])
            record = (
                self.env["contract.tracking.record"]
                .with_user(frame.owner_id)
                .create({"frame_id": frame.id, "date": day})
            )
            self._confirm(record, day)
