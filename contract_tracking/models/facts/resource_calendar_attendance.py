from odoo import models


class ResourceCalendarAttendance(models.Model):
    """Which days of the week are working days."""

    _name = "resource.calendar.attendance"
    _inherit = ["resource.calendar.attendance", "contract.facts.source"]
