from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError

from .roles import RoleCase

# A Monday, and the Wednesday after it
MONDAY = "2026-09-28"


class TestDigest(RoleCase):
    """Before it is late: the seller's contract is to be delivered on 2026-10-01, a
    Thursday; its advance is paid."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.company"].search([]).contract_digest = "off"
        cls.company.contract_digest = "weekly"
        cls.company.contract_business_office_id = cls.env["contract.department"].create(
            {"name": "Business", "head_id": cls.business.id}
        )
        for user in (
            cls.owner | cls.seller | cls.head | cls.business | cls.rival | cls.colleague
        ):
            user.email = f"{user.login}@example.com"
        cls.foreign = cls.new_role_contract(
            user_id=cls.rival.id,
            contract_owner_id=cls.rival.id,
            contract_supervisor_id=False,
            team_id=False,
            promised="2026-10-02",
        )
        cls.cron = cls.env.ref("contract_tracking.cron_digest")

    def run_on(self, day):
        """The e-mails that are queued on a day: ``{recipient: body}``."""
        Mail = self.env["mail.mail"]
        before = Mail.search([])
        with freeze_time(f"{day} 02:00:00"), self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()
        return {mail.recipient_ids.user_ids: mail for mail in Mail.search([]) - before}

    def test_each_hears_of_his_own(self):
        mails = self.run_on(MONDAY)
        self.assertEqual(set(mails), {self.owner, self.head, self.business, self.rival})
        own, other = self.order.contract_number, self.foreign.contract_number
        for user, said, unsaid in (
            (self.owner, [own], [other]),
            (self.head, [own], [other]),
            (self.rival, [other], [own]),
            (self.business, [own, other], []),
        ):
            body = mails[user].body_html
            for text in said:
                self.assertIn(text, body)
            for text in unsaid:
                self.assertNotIn(text, body)
        self.assertEqual(mails[self.owner].state, "outgoing")
        self.assertIn("10/01/2026", mails[self.owner].body_html)
        self.assertIn(self.company.name, mails[self.owner].subject)

    def test_once_a_week(self):
        self.assertFalse(self.run_on("2026-09-30"))
        self.assertTrue(self.run_on(MONDAY))
        self.assertFalse(self.run_on(MONDAY))
        self.assertFalse(self.run_on("2026-09-30"))
        self.company.contract_digest = "daily"
        self.assertTrue(self.run_on("2026-09-30"))
        self.assertFalse(self.run_on("2026-09-30"))
        self.assertTrue(self.run_on("2026-10-01"))
        self.company.contract_digest = "off"
        self.assertFalse(self.run_on("2026-10-02"))

    def test_a_round_that_was_cut_short_goes_on(self):
        with freeze_time(f"{MONDAY} 02:00:00"):
            self.owner.with_company(self.company).contract_digest_on = MONDAY
        self.assertEqual(
            set(self.run_on(MONDAY)), {self.head, self.business, self.rival}
        )

    def test_what_falls_due(self):
        self.company.contract_digest_days = 2
        self.assertFalse(self.run_on(MONDAY))
        self.company.write({"contract_digest_days": 7, "contract_digest_on": False})
        # kept already
        self.deliver(self.foreign, "2026-09-20")
        # not in effect any more
        self.assertEqual(
            set(self.run_on("2026-09-28")), {self.owner, self.head, self.business}
        )
        self.order.with_user(self.business)._contract_reach(
            "suspended", None, "The customer asked for it"
        )
        self.company.contract_digest = "daily"
        self.assertFalse(self.run_on("2026-09-29"))

    def test_in_his_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.owner.lang = "zh_CN"
        mail = self.run_on(MONDAY)[self.owner]
        self.assertIn("2026", mail.body_html)
        self.assertNotIn("10/01/2026", mail.body_html)

    def test_another_company(self):
        company = self.env["res.company"].create({"name": "Other"})
        self.assertEqual(company.contract_digest, "weekly")
        self.business.company_ids = [Command.link(company.id)]
        self.assertEqual(len(self.run_on(MONDAY)), 4)
        self.assertEqual(str(company.contract_digest_on), MONDAY)

    def test_settings_are_not_everybodys(self):
        with self.assertRaises(AccessError):
            self.company.with_user(self.employee).read(["contract_digest"])
