from odoo import models


class ResourceCalendar(models.Model):
    """Whether working days alternate from week to week."""

    _name = "resource.calendar"
    _inherit = ["resource.calendar", "contract.facts.source"]
