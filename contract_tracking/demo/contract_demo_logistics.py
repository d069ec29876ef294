"""The deliveries of the demo on their way, and what went wrong with some of them."""

import io

from PIL import Image, ImageDraw

from odoo import Command, api, models

from ..tools.guard import unguarded

FEATURE = "contract_tracking.group_contract_logistics"
CARRIERS = {
    "road": "顺捷物流 Shunjie Logistics",
    "rail": "中联铁运 Zhonglian Rail Freight",
    "sea": "远航海运 Yuanhang Shipping",
}

# fmt: off
STORIES = {
    # signed for
    "01": [
        (-30, "carry", {"carrier": "road", "number": "SJ3601184427"}),
        (-29, "way", {"transit": -29}),
        (-27, "way", {"arrival": -27}),
    ],
    # signed for; one flange was bent on the way
    "02": [
        (-57, "carry", {"carrier": "rail", "number": "ZLT-220981"}),
        (-56, "way", {"transit": -57, "arrival": -56}),
        (-56, "exception", {
            "kind": "damage", "product": "cp200", "quantity": 1, "photo": True,
            "words": "卸货时发现一台泵木箱破损，法兰变形，已与司机共同签字确认。",
            "measure": "已留存承运人签字的破损记录，另发一台替换。",
            "outcome": "承运人按运单赔付，替换泵已送达客户。",
        }),
    ],
    # at sea, and late
    "04": [
        (-27, "carry", {"carrier": "sea", "number": "YHCU6254417"}),
        (-24, "way", {"transit": -24}),
        (-2, "exception", {
            "kind": "delay",
            "words": "The carrier reports that the ship goes round the Cape: Hamburg "
                     "about ten days later than booked.",
        }),
    ],
    # arrived, nobody signed yet
    "06": [
        (-105, "carry", {"carrier": "road", "number": "SJ3599120356"}),
        (-103, "way", {"transit": -105, "arrival": -103}),
    ],
    # on the road
    "08": [
        (-22, "carry", {"carrier": "road", "number": "SJ3601205518"}),
        (-19, "exception", {
            "kind": "loss", "product": "seal", "quantity": 1, "photo": True,
            "words": "客户开箱清点少一套机封备件包，外箱封条完好。",
            "measure": "已向承运人查询分拨记录，并请仓库核对装箱单。",
        }),
    ],
    # at sea
    "21": [
        (-12, "carry", {"carrier": "sea", "number": "YHCU6261093"}),
        (-9, "way", {"transit": -9}),
    ],
}
# fmt: on


class ContractDemo(models.AbstractModel):
    """Carriers, days on the way and exceptions, recorded by the warehouse."""

    _inherit = "contract.demo"

    @api.model
    def _story(self, contract):
        return [*super()._story(contract), *STORIES.get(contract["key"], ())]

    def _prepare_stock(self):
        """The feature is on in the demo, as the setting switches it on."""
        result = super()._prepare_stock()
        users = self.env.ref("base.group_user").sudo()
        users.implied_ids |= self.env.ref(FEATURE)
        return result

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def _step_carry(self, order, day, carrier, number):
        """The newest delivery is handed to its carrier."""
        partner = self.env["res.partner"].search([("name", "=", CARRIERS[carrier])])
        partner = partner or partner.create(
            {
                "name": CARRIERS[carrier],
                "is_company": True,
                "company_id": self.env.company.id,
            }
        )
        self._record_way(order, carrier_id=partner.id, tracking_ref=number)

    def _step_way(self, order, day, **days):
        """The carrier says where the goods are."""
        self._record_way(
            order, **{f"{name}_date": self._day(day) for name, day in days.items()}
        )

    def _step_exception(
        self, order, day, kind, words, product=None, quantity=0, photo=False,
        measure=None, outcome=None,
    ):  # fmt: skip
        """Something went wrong; its owner says what was done and what came of it."""
        picking = self._sent(order)
        goods = product and self._ref("product", product)
        move = picking.move_ids.filtered(lambda m: m.product_id == goods)
        record = (
            self.env["contract.logistics.exception"]
            .with_user(self._ref("user", "warehouse"))
            .create(
                {
                    "picking_id": picking.id,
                    "kind": kind,
                    "seen_on": self._moment(day),
                    "move_id": move.id,
                    "quantity": quantity,
                    "description": words,
                    "attachment_ids": [self._photo(day)] * photo,
                }
            )
        )
        owner = record.user_id
        for step, said, moments in (
            ("handle", measure, ["handled_on"]),
            ("close", outcome, ["closed_on"]),
        ):
            if said:
                record.with_user(owner)._take_reason_step(step, said)
                # everything knows now only
                unguarded(record.sudo()).write(
                    dict.fromkeys(moments, self._moment(day))
                )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _sent(self, order):
        """The newest delivery that left."""
        return order.picking_ids.filtered(
            lambda p: p.state == "done" and p.picking_type_code == "outgoing"
        ).sorted("date_done")[-1:]

    def _record_way(self, order, **values):
        entry = (
            self.env["contract.logistics.entry"]
            .with_user(self._ref("user", "warehouse"))
            .create({"picking_ids": [Command.set(self._sent(order).ids)], **values})
        )
        entry.action_apply()

    def _photo(self, day):
        """A command for a picture of a damaged crate."""
        picture = Image.new("RGB", (640, 420), "#8d8f90")
        draw = ImageDraw.Draw(picture)
        draw.rectangle((0, 300, 640, 420), fill="#5f6163")
        draw.rectangle((150, 110, 490, 330), fill="#b98b52", outline="#6e4f2a", width=6)
        for x in range(150, 490, 56):
            draw.line((x, 110, x, 330), fill="#8a653a", width=3)
        draw.polygon([(380, 210), (470, 180), (484, 324), (352, 324)], fill="#3d2b16")
        draw.text((16, 392), f"{day}", fill="white")
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=80)
        return Command.create(
            {
                "name": self._say("现场照片.jpg", "Photo.jpg"),
                "raw": file.getvalue(),
                "mimetype": "image/jpeg",
            }
        )
