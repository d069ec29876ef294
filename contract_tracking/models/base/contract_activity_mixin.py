from collections import defaultdict

from odoo import api, models

from ...tools.guard import guarded, unguarded


class ContractActivityMixin(models.AbstractModel):
    """The one writer of a document's activities. Documents only say who should have
    which until when (:meth:`_activities_wanted`); what isn't wanted any more goes."""

    _name = "contract.activity.mixin"
    _inherit = ["mail.activity.mixin"]
    _description = "Activities of a Document"

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Put the filters that the clock in the top bar asks for into the search of
        every document with activities."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "search":
            template = "contract_tracking.activity_filters"
            filters = self.env["ir.ui.view"].sudo()._get_template_view(template)
            groups = arch.find("group")
            place = len(arch) if groups is None else arch.index(groups)
            arch[place:place] = filters._get_combined_arch()
        return arch, view

    def _activity_xmlids(self):
        """External ids of the activity types that the document writes: activities of
        other types are people's own."""
        return set()

    def _activities_wanted(self):
        """What people are to do now on this document.

        :return: list of dicts: ``xmlid`` of the activity type, ``user``, ``day``
            until which, and what it is about: ``what`` follows the type's own summary,
            ``summary`` stands instead of it; ``note`` in the user's language; with
            ``keep`` the day is that of the first time
        """
        self.ensure_one()
        return []

    def _sync_activities(self):
        """Write the activities of the documents from their state, as a set. Marking
        one as done takes no step: it comes back with the next change."""
        documents = guarded(self.sudo())
        kinds = self._activity_kinds()
        Activity = documents.env["mail.activity"]
        present = Activity.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("activity_type_id", "in", [kind.id for kind in kinds.values()]),
            ]
        ).grouped(lambda a: (a.activity_type_id, a.res_id, a.user_id, a.summary or ""))
        wanted, kept = {}, set()
        for document in documents:
            for row in document._activities_wanted():
                key, values = document._activity_vals(kinds[row["xmlid"]], **row)
                if key and key not in wanted:
                    wanted[key] = values
                    if row.get("keep"):
                        kept.add(key)
        gone = Activity.union(
            *(group for key, group in present.items() if key not in wanted)
        )
        documents._activities_gone(unguarded(gone))
        moved = defaultdict(list)
        for key in (wanted.keys() & present.keys()) - kept:
            vals = {
                name: wanted[key][name]
                for name in ("date_deadline", "note")
                if name in wanted[key]
            }
            for activity in present[key]:
                if activity.date_deadline != vals["date_deadline"]:
                    moved[tuple(vals.items())].append(activity.id)
        for vals, ids in moved.items():
            unguarded(Activity.browse(ids)).write(dict(vals))
        fresh = [values for key, values in wanted.items() if key not in present]
        if fresh:
            documents.mapped("display_name")  # core asks for each of them
            unguarded(Activity).with_context(mail_activity_quick_update=True).create(
                fresh
            )

    @api.model
    def _activity_kinds(self):
        """The activity types that the document writes: ``{external id: type}``."""
        find = self.env["ir.model.data"]._xmlid_to_res_id
        xmlids = sorted(self._activity_xmlids())
        types = self.env["mail.activity.type"].sudo()
        found = types.browse(find(xmlid, raise_if_not_found=True) for xmlid in xmlids)
        return dict(zip(xmlids, found, strict=True))

    def _activity_vals(
        self, kind, user, day, what=False, summary=False, note=False, **_row
    ):
        """Key and values of a wanted activity; no key where nobody can do it."""
        self.ensure_one()
        if user and not user.active:
            user = self._activity_stand_ins(user)[:1]
        if not user:
            return None, None
        if not summary:
            summary = kind.with_context(lang=user.lang).summary or ""
            summary = f"{summary}: {what}" if what else summary
        return (kind, self.id, user, summary), {
            "activity_type_id": kind.id,
            "summary": summary,
            "automated": True,
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "user_id": user.id,
            "date_deadline": day,
            **({"note": note} if note else {}),
        }

    def _activity_stand_ins(self, user):
        """Who takes over what somebody who left had to do, the nearest first: the head
        of the office, the head of the business office, somebody of it."""
        self.ensure_one()
        company = self.company_id
        office = self.team_id.user_id if "team_id" in self._fields else user.browse()
        if not office and hasattr(self, "_contract_parent"):
            office = self._contract_parent().team_id.user_id
        members = user._contract_members(
            "contract_tracking.group_contract_business", company
        )
        heads = office | company.sudo().contract_business_office_id.head_id
        return (heads | members)._contract_eligible(
            company, "contract_tracking.group_contract_reader"
        )

    def _activities_gone(self, activities):
        """Take away what nobody has to do any more."""
        activities.unlink()
