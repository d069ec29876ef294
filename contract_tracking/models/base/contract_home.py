from odoo import api, models
from odoo.exceptions import AccessError

from .res_users import ROLES

READER = "contract_tracking.group_contract_reader"
USER = "contract_tracking.group_contract_user"
READING = (
    USER,
    "contract_tracking.group_contract_leader",
    "contract_tracking.group_contract_auditor",
)


class ContractHome(models.AbstractModel):
    """The first page of the app: what waits for who opens it, each number with the
    list that it opens. Rooms add theirs in :meth:`_home_items`.

    The user's own rights count and open the list alike, so that both say the same.
    """

    _name = "contract.home"
    _description = "First Page"

    @api.model
    @api.readonly
    def get_home(self):
        """What the first page shows to the user.

        :return: list of ``{key, label, items}``; an item is ``{key, label, count,
            late, action, domain}``: the external id of the window action that it
            opens, and the domain of the list
        """
        if not self.env.user.has_group(READER):
            return []
        sections = {
            key: {"key": key, "label": label, "items": []}
            for key, label in self._home_sections().items()
        }
        for item in self._home_items():
            model, groups = self.env[item.pop("model")], item.pop("groups")
            if not model.has_access("read"):
                continue
            try:
                item["count"] = model.search_count(item["domain"])
            except AccessError:
                # it asks for contracts, and he reads none
                continue
            # whose job it is sees that nothing is left; others aren't told of it
            if item["count"] or any(map(self.env.user.has_group, groups)):
                sections[item.pop("section")]["items"].append(item)
        return [section for section in sections.values() if section["items"]]

    @api.model
    def _home_sections(self):
        """The parts of the page: ``{key: label}``, in their order."""
        return {
            "mine": self.env._("Waits for Me"),
            "asked": self.env._("I Wait for Others"),
            "contracts": self.env._("Contracts to Watch"),
            "goods": self.env._("Money and Deliveries"),
        }

    @api.model
    def _home_items(self):
        """What is counted, a list of :meth:`_home_item`."""
        return []

    @api.model
    def _home_item(
        self, section, key, label, model, action, domain, groups=None, late=False
    ):
        """An item of the page.

        :param action: name of the window action among ours
        :param domain: what is counted and listed, as a list
        :param groups: whose job it is; by default of what waits for somebody those
            who follow contracts, of contracts who reads all of them too, of money and
            deliveries finance as well
        :param late: whether it is too late already
        """
        if groups is None:
            groups = {"goods": ROLES, "contracts": READING}.get(section, (USER,))
        return {
            "section": section,
            "key": key,
            "label": label,
            "model": model,
            "action": f"contract_tracking.{action}",
            "domain": domain,
            "groups": groups,
            "late": late,
        }

    @api.model
    def _home_uses(self, feature):
        """Whether a part is switched on: of what a company doesn't use nothing is
        counted."""
        return self.env.user.has_group(f"contract_tracking.group_contract_{feature}")

    @api.model
    def _home_activity(self, xmlid):
        """The domain of documents on which the user has an activity of a type."""
        kind = self.env["ir.model.data"]._xmlid_to_res_id(xmlid)
        return [
            (
                "activity_ids",
                "any",
                [("user_id", "=", self.env.uid), ("activity_type_id", "=", kind)],
            )
        ]
