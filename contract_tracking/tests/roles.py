from odoo import Command

from .common import ContractCommon


class RoleCase(ContractCommon):
    """A contract in effect with everything that hangs on it, and a user of each role.

    The seller is its salesperson, others answer for it or look at it, the rest has
    nothing to do with it.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_users()
        cls.team.user_id = cls.head
        cls.env["crm.team.member"].create(
            {"crm_team_id": cls.team.id, "user_id": cls.member.id}
        )
        cls.order = cls.new_role_contract()

    @classmethod
    def _create_users(cls):
        own = "contract_tracking.group_contract_user"
        salesman = "sales_team.group_sale_salesman"
        cls.seller = cls.new_user("ct_seller", salesman)
        cls.rival = cls.new_user("ct_rival", salesman)
        cls.colleague = cls.new_user("ct_colleague", salesman)
        cls.owner = cls.new_user("ct_owner", own)
        cls.supervisor = cls.new_user("ct_supervisor", own)
        cls.head = cls.new_user("ct_head", own)
        cls.outsider = cls.new_user("ct_outsider", own)
        cls.member = cls.new_user(
            "ct_member", "contract_tracking.group_contract_office"
        )
        cls.stranger = cls.new_user(
            "ct_stranger", "contract_tracking.group_contract_office"
        )
        cls.business = cls.new_user(
            "ct_business", "contract_tracking.group_contract_business"
        )
        cls.leader = cls.new_user(
            "ct_leader", "contract_tracking.group_contract_leader"
        )
        cls.auditor = cls.new_user(
            "ct_auditor", "contract_tracking.group_contract_auditor"
        )
        cls.finance = cls.new_user(
            "ct_finance", "contract_tracking.group_contract_finance"
        )
        cls.manager = cls.new_user(
            "ct_manager", "contract_tracking.group_contract_manager"
        )
        cls.director = cls.new_user("ct_director", "sales_team.group_sale_manager")
        cls.stock_user = cls.new_user("ct_stock", "stock.group_stock_user")
        cls.biller = cls.new_user("ct_biller", "account.group_account_invoice")
        cls.employee = cls.new_user("ct_employee")
        cls.portal = cls.new_user("ct_portal", "base.group_portal")
        cls.portal.partner_id.parent_id = cls.partner
        cls.public = cls.env.ref("base.public_user")

    @classmethod
    def new_role_contract(cls, day="2026-09-01", **values):
        """A contract of the seller; the colleague and the owner follow their own."""
        return cls.new_contract(
            day,
            **{
                "promised": "2026-10-01",
                "template": "template_30_70_delivery",
                "user_id": cls.seller.id,
                "team_id": cls.team.id,
                "contract_owner_id": cls.owner.id,
                "contract_supervisor_id": cls.supervisor.id,
                **values,
            },
        )

    @classmethod
    def add_documents(cls, order):
        """An event, a paper, a tracking record with lines: what hangs on a contract."""
        cls.event = cls.env["contract.event"].create(
            {
                "order_id": order.id,
                "type_id": cls.env.ref("contract_tracking.event_type_goods_ready").id,
                "date": "2026-09-10",
            }
        )
        attachment = cls.env["ir.attachment"].create(
            {"name": "contract.txt", "raw": b"signed"}
        )
        cls.document = cls.env["contract.document"].create(
            {
                "name": "Signed contract",
                "order_id": order.id,
                "type_id": cls.env.ref("contract_tracking.document_type_signed").id,
                "date": "2026-09-01",
                "attachment_ids": [Command.link(attachment.id)],
            }
        )
        cls.record = cls.env["contract.tracking.record"].create(
            {"order_id": order.id, "date": "2026-09-15", "user_id": cls.owner.id}
        )

    @classmethod
    def template(cls, name="template_30_70_delivery"):
        return cls.env.ref(f"contract_tracking.{name}")

    def last_row(self, order, *domain):
        """The newest row of a contract's history."""
        return self.env["contract.history"].search(
            [("order_id", "=", order.id), *domain], limit=1
        )

    def contract_fields(self, model):
        """Names of the fields that the addon adds to a model of core."""
        names = [n for n in self.env[model]._fields if n.startswith("contract_")]
        self.assertTrue(names)
        return names
