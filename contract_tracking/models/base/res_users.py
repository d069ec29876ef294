from collections import defaultdict

from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain
from odoo.tools import format_list

# The roles with rules of their own
ROLES = [
    f"contract_tracking.group_contract_{role}"
    for role in ("user", "leader", "auditor", "finance")
]


class ResUsers(models.Model):
    _inherit = "res.users"

    def action_archive(self):
        # core deletes their activities before it archives them
        work = self._contract_work()
        res = super().action_archive()
        self._contract_hand_on(work)
        return res

    def write(self, vals):
        leaves = "active" in vals and not vals["active"]
        work = leaves and self._contract_work()
        res = super().write(vals)
        if work:
            self._contract_hand_on(work)
        return res

    def _contract_work(self):
        """The documents on which these users have something to do: ``{model: ids}``."""
        rows = (
            self.env["mail.activity"]
            .sudo()
            ._read_group(
                [("user_id", "in", self.ids)], ["res_model"], ["res_id:array_agg"]
            )
        )
        return {
            model: sorted(set(ids))
            for model, ids in rows
            if hasattr(self.env.get(model), "_sync_activities")
        }

    def _contract_hand_on(self, work):
        """These users left: who stands in for them has their work, and hears of it.

        :param work: what :meth:`_contract_work` said before
        """
        left = self.sudo().filtered(lambda user: not user.active)
        if not left:
            return
        Activity = self.env["mail.activity"].sudo()
        told = defaultdict(list)
        for model, ids in work.items():
            documents = self.env[model].sudo().browse(ids).exists()
            had = Activity.search([("res_model", "=", model), ("res_id", "in", ids)])
            self._contract_pass_on(documents)
            for activity in (
                Activity.search([("res_model", "=", model), ("res_id", "in", ids)])
                - had
            ):
                told[activity.user_id].append(activity.res_name)
        for user, names in told.items():
            env = self.with_context(lang=user.lang).env
            self.env["mail.thread"].message_notify(
                partner_ids=user.partner_id.ids,
                subject=env._("Work of somebody who left"),
                body=env._(
                    "%(people)s left. What they had to do waits for you now: "
                    "%(documents)s.",
                    people=format_list(env, left.mapped("name")),
                    documents=format_list(env, list(dict.fromkeys(names))),
                ),
            )

    def _contract_pass_on(self, documents):
        """Give what these users had to do on documents to others."""
        documents._sync_activities()

    def _contract_eligible(self, company, group=None):
        """Those of these users who can be asked to do something in a company: active,
        no outsiders, not the system, of the company, with the role.

        :param company: empty: of any company
        :param group: external id of a group that they must have
        """
        return self.filtered(
            lambda user: (
                user.active
                and not user.share
                and user.id != SUPERUSER_ID
                and (not company or company in user.sudo().company_ids)
                and (not group or user.has_group(group))
            )
        )

    @api.model
    def _contract_members(self, group, company):
        """The members of a group who can be asked in a company, the oldest first."""
        group_id = self.env["ir.model.data"]._xmlid_to_res_id(group)
        members = self.env["res.groups"].sudo().browse(group_id).all_user_ids
        return members._contract_eligible(company).sorted("id")

    def _contract_department(self, company):
        """The department of ``company`` that this user heads or belongs to.

        :return: a ``contract.department``, empty if there is none
        """
        self.ensure_one()
        return self.env["contract.department"].search(
            [
                ("company_id", "=", company.id),
                "|",
                ("head_id", "=", self.id),
                ("member_ids", "=", self.id),
            ],
            limit=1,
        )

    def _contract_sees_all_orders(self):
        """Whether core lets this user read every order of his companies.

        Warehouse, invoicing, production and project users read orders without a
        record rule. Our read-only rules would take that away from those of them who
        have a contract role: rules of groups only ever add up to what they allow.
        """
        self.ensure_one()
        if self.has_group("sales_team.group_sale_salesman"):
            return False  # core has rules for sales users
        return self._contract_core_reads("sale.order")

    def _contract_parts_domain(self, order, frame=None):
        """For the rules of the reader group: what hangs on orders that core lets this
        user read, and on the frame agreements that they are called off from.

        Every role includes the group, and has rules of its own for its contracts;
        finance for what money needs.

        :param order: name of the field, or the path, that leads to the orders
        :param frame: the same to the frame agreements
        """
        self.ensure_one()
        Order = self.env["sale.order"].with_user(self)
        if any(self.has_group(role) for role in ROLES) or not Order.has_access("read"):
            return [(0, "=", 1)]
        readable = self.env["ir.rule"].with_user(self)._compute_domain(Order._name)
        found = Domain(order, "any", readable)
        if frame:
            found |= Domain(f"{frame}.order_ids", "any", readable)
        return list(found)

    def _contract_core_reads(self, model):
        """Whether a group that is not ours lets this user read ``model``."""
        self.ensure_one()
        ours = (
            self.env["ir.model.data"]
            .sudo()
            .search(
                [("module", "=", "contract_tracking"), ("model", "=", "res.groups")]
            )
        )
        return bool(
            self.env["ir.model.access"]
            .sudo()
            .search_count(
                [
                    ("model_id.model", "=", model),
                    ("perm_read", "=", True),
                    ("group_id", "in", self.sudo().all_group_ids.ids),
                    ("group_id", "not in", ours.mapped("res_id")),
                ],
                limit=1,
            )
        )
