from odoo import api, fields, models


class ContractCoordination(models.Model):
    """How the replies of a document stand, for lists, filters and buttons."""

    _inherit = "contract.coordination"

    waiting_count = fields.Integer(
        string="Replies Missing", compute="_compute_reply_figures", compute_sudo=True
    )
    answered_count = fields.Integer(
        string="Replies", compute="_compute_reply_figures", compute_sudo=True
    )
    is_overdue = fields.Boolean(
        string="Overdue Replies",
        compute="_compute_reply_figures",
        search="_search_is_overdue",
        compute_sudo=True,
    )
    has_proposal = fields.Boolean(
        string="E-Mail to Take Over",
        compute="_compute_reply_figures",
        search="_search_has_proposal",
        compute_sudo=True,
    )
    has_outside = fields.Boolean(
        string="Outside Recipients", compute="_compute_reply_figures", compute_sudo=True
    )
    is_to_me = fields.Boolean(
        string="To Me",
        compute="_compute_is_to_me",
        search="_search_is_to_me",
        compute_sudo=True,
    )
    waits_for_me = fields.Boolean(
        string="Waits for My Reply",
        compute="_compute_is_to_me",
        search="_search_waits_for_me",
        compute_sudo=True,
    )
    may_close = fields.Boolean(compute="_compute_may_close")

    @api.depends("reply_ids.state", "reply_ids.proposed_text", "reply_ids.is_late")
    def _compute_reply_figures(self):
        for document in self:
            lines = document.reply_ids
            document.waiting_count = sum(line.state == "waiting" for line in lines)
            document.answered_count = sum(line.state == "answered" for line in lines)
            document.is_overdue = any(line.is_late for line in lines)
            document.has_proposal = any(line.proposed_text for line in lines)
            document.has_outside = any(line.kind == "partner" for line in lines)

    @api.depends_context("uid")
    @api.depends("state", "reply_ids.state")
    def _compute_is_to_me(self):
        user = self.env.user
        for document in self:
            mine = document.reply_ids.filtered(lambda line: line._is_recipient(user))
            document.is_to_me = document.state != "draft" and bool(mine)
            document.waits_for_me = any(line.state == "waiting" for line in mine)

    @api.depends_context("uid")
    @api.depends("user_id")
    def _compute_may_close(self):
        for document in self:
            document.may_close = document._is_sender()

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._search_lines(
            self.env["contract.coordination.reply"]._late_domain()
        )

    def _search_has_proposal(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._search_lines([("proposed_text", "!=", False)])

    def _search_is_to_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        mine = self.env["contract.coordination.reply"]._mine_domain()
        return [*self._search_lines(mine), ("state", "!=", "draft")]

    def _search_waits_for_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        mine = self.env["contract.coordination.reply"]._mine_domain()
        return self._search_lines([*mine, ("state", "=", "waiting")])

    @api.model
    def _search_lines(self, domain):
        """Documents that have a line like this, whoever may read the line."""
        query = self.env["contract.coordination.reply"].sudo()._search(domain)
        return [("id", "in", query.subselect("coordination_id"))]
