from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.windows import form_window

# What somebody who relied on a paper knows it by; who files it may remark on it.
RELIED_ON = {
    "name", "type_id", "date", "order_id", "frame_id", "partner_ids", "attachment_ids",
}  # fmt: skip


class ContractDocument(models.Model):
    """A paper filed on a contract or a frame agreement, with its date, parties and
    files (D2 §6, D9 §6.4)."""

    _name = "contract.document"
    _inherit = [
        "contract.frozen.mixin",
        "contract.part.mixin",
        "contract.acknowledgement.mixin",
    ]
    _description = "Contract Document"
    _order = "date desc, id desc"
    _check_company_auto = True
    _contract_days = ("date",)

    name = fields.Char(string="Title", required=True)
    type_id = fields.Many2one(
        "contract.document.type", string="Kind", required=True, ondelete="restrict"
    )
    date = fields.Date(required=True)
    partner_ids = fields.Many2many("res.partner", string="Parties")
    attachment_ids = fields.Many2many(
        "ir.attachment", string="Files", required=True, bypass_search_access=True
    )
    note = fields.Char()
    message_id = fields.Many2one(
        "mail.message",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The message of the chatter that was filed.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Filed By",
        readonly=True,
        copy=False,
        default=lambda self: self.env.user,
    )

    def write(self, vals):
        if RELIED_ON & vals.keys():
            self._check_relied_on()
        if any(
            document[fname].id != (vals[fname] or False)
            for fname in {"order_id", "frame_id"} & vals.keys()
            for document in self
        ):
            raise UserError(
                self.env._("A paper stays with the contract that it was filed on.")
            )
        names = [name for name in ("name", "type_id", "date") if name in vals]
        filed = self.sudo().filtered(
            lambda d: d._contract_parent()._contract_effect_day()
        )
        before = {d: [d[name] for name in names] for d in filed if names}
        res = super().write(vals)
        changed = [d for d, old in before.items() if old != [d[name] for name in names]]
        if changed and not (
            self.env.su
            or self.env.user.has_group("contract_tracking.group_contract_business")
        ):
            raise UserError(
                self.env._(
                    "“%(paper)s” is filed on a contract in effect: the business office "
                    "corrects its title, kind or date.",
                    paper=changed[0].display_name,
                )
            )
        self.env["contract.history"]._log(
            [
                {
                    **document._contract_parent_vals(),
                    "kind": "fact",
                    "name": self.env._("Filed Paper"),
                    "old_value": document._filed_text(names, before[document]),
                    "new_value": document._filed_text(
                        names, [document[name] for name in names]
                    ),
                }
                for document in changed
            ]
        )
        return res

    def _filed_text(self, names, values):
        """Values of a paper in words, for the history."""
        return ", ".join(
            self._fields[name].convert_to_export(value, self) or "–"
            if name == "type_id"
            else str(value or "–")
            for name, value in zip(names, values, strict=True)
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_relied_on(self):
        self._check_relied_on()

    def unlink(self):
        rows = [
            {
                **document._contract_parent_vals(),
                "kind": "fact",
                "name": document.type_id.name,
                "old_value": document.name,
                **files,
            }
            for document, files in self._hand_over_files().items()
        ]
        self.env["contract.history"]._log(rows)
        return super().unlink()

    def _files_settled(self, fname):
        """Of a contract in effect, and what something rests on."""
        relied = self._relied_on()
        return super()._files_settled(fname) | self.filtered(
            lambda d: d in relied or d._contract_parent()._contract_effect_day()
        )

    @api.model
    def _contract_past(self):
        return super()._contract_past() | {"date"}

    def _check_relied_on(self):
        """:raise UserError: if one of these papers can't be changed any more"""
        for message in self._relied_on().values():
            raise UserError(message)

    def _consent_refusal(self):
        """Why this is no paper by which both sides consented to something, or False."""
        letter = self.env.ref("contract_tracking.document_type_letter", False)
        if self.type_id.is_supplement or self.type_id == letter:
            return False
        return self.env._(
            "“%(paper)s” is filed as “%(type)s”: both sides consent by a supplementary "
            "agreement or by a letter.",
            paper=self.display_name,
            type=self.type_id.display_name,
        )

    def _relied_on(self):
        """What somebody has read stays as he read it; extended by what else rests on
        a paper.

        :return: ``{paper: why it can't be changed or deleted any more}``
        """
        readers = self.sudo().acknowledgement_ids
        return {
            self.browse(row.res_id): self.env._(
                "%(reader)s has read “%(paper)s”: it can't be changed or deleted "
                "any more. File what is new as a paper of its own.",
                reader=row.user_name,
                paper=self.browse(row.res_id).sudo().name,
            )
            for row in readers.filtered(lambda r: r.state == "acknowledged")
        }

    def action_circulate(self):
        """Ask people to read this paper (传阅)."""
        self.ensure_one()
        return form_window(
            "contract.circulation", self.env._("Circulate"), {"document_id": self.id}
        )

    @api.model
    def create_document_from_attachment(self, _journal, attachment_ids):
        """Ask where and how to file uploaded files; called by core's upload button and
        drop zone.

        :return: the window that files them
        """
        parent = self.default_get(["order_id", "frame_id"])
        return self._filing_action({**parent, "attachment_ids": attachment_ids})

    @api.model
    def action_file_message(self, message_id):
        """Ask how to file a message of the chatter, or show the paper that it is.

        :raise UserError: if the message doesn't belong to a contract
        """
        self._contract_check_values({"message_id": message_id})
        message = self.env["mail.message"].browse(message_id)
        message.check_access("read")
        filed = self.search([("message_id", "=", message.id)], limit=1)
        if filed:
            return {
                "type": "ir.actions.act_window",
                "res_model": self._name,
                "res_id": filed.id,
                "views": [(False, "form")],
                "target": "new",
            }
        kind = self.env.ref(
            "contract_tracking.document_type_email", raise_if_not_found=False
        )
        parties = message.author_id | message.sudo().partner_ids
        return self._filing_action(
            {
                **self._message_parent(message),
                "message_id": message.id,
                "name": message.subject or message.record_name,
                # a sender's clock may be fast
                "date": min(
                    self.env.company._contract_day(message.date),
                    self.env.company._contract_today(),
                ),
                "type_id": kind.id if kind else False,
                "partner_ids": parties.ids,
            }
        )

    @api.model
    def _message_parent(self, message):
        """The contract or frame agreement that a message is about, as values of a part.

        :raise UserError: if it is about neither
        """
        record = self.browse()
        if message.model in self.env:
            record = self.env[message.model].browse(message.res_id or ())
        # of the contract itself, or of one of its parts
        for method in ("_contract_part_vals", "_contract_parent_vals"):
            if record and hasattr(record, method):
                record.check_access("read")
                return getattr(record, method)()
        raise UserError(
            self.env._("Only messages on contracts are filed among papers.")
        )

    @api.model
    def _filing_action(self, defaults):
        """The window that files papers."""
        return form_window(
            "contract.document.filing", self.env._("File Papers"), defaults
        )

    @api.model
    def _check_message(self, message):
        """A message is filed once.

        :raise UserError: if it is filed, or can't be read
        """
        message.check_access("read")
        if self.sudo().search_count([("message_id", "=", message.id)], limit=1):
            raise UserError(self.env._("This message is filed already."))
