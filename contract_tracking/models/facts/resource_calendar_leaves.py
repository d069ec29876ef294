from odoo import models


class ResourceCalendarLeaves(models.Model):
    """Public holidays: days that don't count."""

    _name = "resource.calendar.leaves"
    _inherit = ["resource.calendar.leaves", "contract.facts.source"]
