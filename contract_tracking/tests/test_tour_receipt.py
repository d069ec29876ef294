from odoo.tests import Form, HttpCase

from .roles import RoleCase


class TestTourReceipt(RoleCase, HttpCase):
    """A delivery is signed for on the screens of those who do it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.picking = cls.deliver(cls.order, "2026-09-20", pump=4)

    def sign(self, user):
        self.start_tour(
            "/odoo/contract-deliveries", "contract_receipt", login=user.login
        )
        self.assertEqual(
            self.picking.contract_receipt_date, self.order._contract_today()
        )
        self.assertTrue(self.picking.contract_receipt_filed)
        self.assertEqual(self.picking.move_ids.contract_accepted_quantity, 3)
        self.assertEqual(self.last_row(self.order).user_id, user)

    def test_warehouse(self):
        self.sign(self.stock_user)

    def test_salesperson(self):
        self.sign(self.seller)

    def test_owner_without_rights_on_deliveries(self):
        self.assertFalse(self.picking.with_user(self.owner).has_access("write"))
        self.sign(self.owner)

    def test_form_of_core(self):
        """The delivery as the warehouse opens it."""
        view = "stock.view_picking_form"
        form = Form(self.picking, view)
        self.assertTrue(form.contract_is_delivery)
        self.assertFalse(form.contract_receipt_date)
        self.picking.contract_receipt_date = "2026-09-22"
        self.assertTrue(Form(self.picking, view).contract_receipt_date)
        arch = Form(self.picking.with_user(self.seller), view)._view["tree"]
        self.assertTrue(arch.xpath("//button[@name='action_contract_receipt']"))
