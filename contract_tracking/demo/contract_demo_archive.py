"""Files of finished contracts in the demo: to archive, handed over, kept, lent, past
their years."""

from odoo import Command, models

from ..tools.guard import unguarded

# Small contracts of earlier years: installations and overhauls, paid long ago.
FINISHED = [
    {"key": "a1", "partner": "lingnan", "seller": "sales2", "signed": -1290,
     "signatory": "谭辉", "install": 2},
    {"key": "a2", "partner": "jinling", "seller": "sales", "signed": -330,
     "signatory": "沈立新", "install": 3},
    {"key": "a3", "partner": "taihu", "seller": "sales", "signed": -290,
     "signatory": "周敏", "install": 1},
    {"key": "a4", "partner": "songshan", "seller": "sales2", "signed": -150,
     "signatory": "赵志刚", "install": 2},
]  # fmt: skip
# (days from the signature, step, its values)
STORY = [
    (1, "file", {"kind": "signed", "name": "双方签章合同"}),
    (20, "serve", {}),
    (22, "invoice", {}),
    (45, "pay", {}),
    (60, "state", {"step": "complete"}),
]
PLACES = {"a1": ("档案室二排3架", "012"), "a2": ("档案室一排1架", "047"),
          "a3": ("档案室一排1架", "048")}  # fmt: skip
REASON = "零星安装合同，保管期限已满，无争议、无未了债权债务。"


class ContractDemo(models.AbstractModel):
    """The archive as the demo's people keep it."""

    _inherit = "contract.demo"

    def _create_archives(self):
        """Archives in each state; the business office keeps them."""
        self.env.ref("base.group_user").implied_ids = [
            Command.link(self.env.ref("contract_tracking.group_contract_archive").id)
        ]
        keeps = self._ref("department", "business")
        self.env.company.contract_archive_department_id = keeps
        short = self.env["contract.archive.category"].create(
            {
                "name": "Small contracts",
                "code": "LX",
                "years": 3,
                "sequence": 40,
                "company_id": self.env.company.id,
            }
        )
        self._name_in_chinese(short, "零星合同")
        archives = {}
        for contract in FINISHED:
            order = self._finish_contract(contract)
            archive = self._open_archive(order)
            archives[contract["key"]] = archive
            if contract["key"] == "a1":
                archive.category_id = short
            archive.with_user(order.user_id).action_submit()
            if place := PLACES.get(contract["key"]):
                keeper = archive.with_user(keeps.head_id)
                keeper.action_accept()
                keeper.write(
                    {"place": place[0], "box": place[1], "copies": 2, "pages": 46}
                )
        late = self._open_archive(self._ref("contract_demo", "07"))
        unguarded(late).date_due = self._day(-3)
        late._sync_activities()
        self._create_loans(archives)
        past = archives["a1"].with_user(keeps.head_id)
        past.action_dispose()
        past.disposal_ids.reason = REASON

    def _finish_contract(self, contract):
        """A contract of installations, done and paid."""
        signed = contract["signed"]
        contract = {
            **contract,
            "promised": signed + 30,
            "template": "net_30",
            "lines": [("install", contract["install"])],
        }
        self._take_step("sign", contract, self._day(signed), {})
        for days, step, values in STORY:
            if step == "serve":
                values = {"install": contract["install"]}
            self._take_step(step, contract, self._day(signed + days), values)
        return self._ref("contract_demo", contract["key"])

    def _open_archive(self, order):
        order.with_user(order._contract_responsible()).action_contract_archive()
        return order.contract_archive_ids

    def _create_loans(self, archives):
        keeper = self._ref("user", "business")
        for key, user, purpose, what, lent, due, back in (
            ("a2", "finance", "年度审计抽查合同原件", "originals", -20, -5, False),
            ("a3", "sales", "客户续签，核对原合同条款", "whole", -40, -30, -32),
            ("a3", "service", "现场检修查技术协议", "copies", False, 7, False),
        ):
            loan = (
                self.env["contract.archive.loan"]
                .with_user(keeper)
                .create(
                    {
                        "archive_id": archives[key].id,
                        "user_id": self._ref("user", user).id,
                        "purpose": purpose,
                        "what": what,
                        "date_due": self._day(max(due, 0)),
                    }
                )
            )
            if not lent:
                continue
            loan.action_hand_out()
            if back:
                loan.action_take_back()
            days = {"lent_on": lent, "returned_on": back}
            unguarded(loan.sudo()).write(
                {
                    "date_due": self._day(due),
                    **{
                        fname: self._moment(self._day(day))
                        for fname, day in days.items()
                        if day
                    },
                }
            )
