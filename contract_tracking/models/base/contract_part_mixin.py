from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.guard import unguarded


def asked(model, fname, operator, value):
    """What is asked of the records that a field names is asked with the user's own
    rights, before the search goes on with more.

    :return: operator and value that ask the same by id
    """
    field = model._fields[fname]
    if not field.relational or operator == "in":
        return operator, value
    named = model.env[field.comodel_name]
    if operator != "any":
        value = Domain("display_name", operator, value)
    return "in", named._search(value) if isinstance(value, Domain) else value


def parent_search(fname):
    """Return a ``search`` for a field that is read from the contract or the frame."""

    def search(model, operator, value):
        of_order, of_frame = model._contract_parent_fields()[fname]
        if model._fields[fname].relational and operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        operator, value = asked(model, fname, operator, value)
        return Domain("order_id", "any!", Domain(of_order, operator, value)) | Domain(
            "frame_id", "any!", Domain(of_frame, operator, value)
        )

    return search


class ContractPartMixin(models.AbstractModel):
    """What belongs to a contract or to a frame agreement, to exactly one of them:
    terms, events, papers, history, tracking records."""

    _name = "contract.part.mixin"
    _inherit = [
        "contract.system.mixin",
        "contract.past.mixin",
        "contract.evidence.mixin",
    ]
    _description = "Part of a Contract"

    # Days that are today in the contract's company, not the user's, if nobody says
    # otherwise.
    _contract_days = ()

    order_id = fields.Many2one(
        "sale.order", string="Contract", index=True, ondelete="cascade"
    )
    frame_id = fields.Many2one(
        "contract.frame",
        string="Frame Agreement",
        index="btree_not_null",
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        index=True,
        precompute=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_from_parent",
        search=parent_search("partner_id"),
        compute_sudo=True,
    )
    contract_number = fields.Char(
        compute="_compute_from_parent",
        search=parent_search("contract_number"),
        compute_sudo=True,
    )

    _one_parent = models.Constraint(
        "CHECK (num_nonnulls(order_id, frame_id) = 1)",
        "This belongs either to a contract or to a frame agreement: choose exactly "
        "one of them.",
    )

    @api.depends("order_id.company_id", "frame_id.company_id")
    def _compute_company_id(self):
        for record in self:
            record.company_id = record._contract_parent().company_id

    @api.depends(
        lambda self: [
            f"{parent}.{name}"
            for names in self._contract_parent_fields().values()
            for parent, name in zip(("order_id", "frame_id"), names, strict=True)
        ]
    )
    def _compute_from_parent(self):
        for record in self:
            for fname, names in self._contract_parent_fields().items():
                name = names[0] if record.order_id else names[1]
                record[fname] = record._contract_parent()[name]

    @api.model
    def _contract_parent_fields(self):
        """``{our field: (field of the contract, field of the frame)}``."""
        return {
            "partner_id": ("partner_id", "partner_id"),
            "contract_number": ("contract_number", "name"),
        }

    @api.model
    def _contract_siblings(self):
        """Names of the fields that name other parts: each is of the same contract."""
        return set()

    @api.constrains(lambda self: ["order_id", "frame_id", *self._contract_siblings()])
    def _check_siblings(self):
        names = sorted(self._contract_siblings())
        for record in self.sudo() if names else ():
            for part in (part for name in names for part in record[name]):
                if part._contract_parent() != record._contract_parent():
                    raise ValidationError(
                        self.env._(
                            "“%(document)s” belongs to another contract.",
                            document=part.display_name,
                        )
                    )

    def _contract_parent(self):
        """The contract or the frame agreement: a ``contract.parent.mixin``."""
        self.ensure_one()
        return self.order_id or self.frame_id

    @api.model
    def _vals_parent(self, vals):
        """The contract or the frame agreement that values of a new part name."""
        orders, frames = self._parent_models()
        if not {"order_id", "frame_id"} & vals.keys():
            vals = self.default_get(["order_id", "frame_id"])
        if vals.get("order_id"):
            return orders.browse(vals["order_id"])
        return frames.browse(vals.get("frame_id"))

    @api.model
    def _parent_models(self):
        """The models of contracts and of frame agreements."""
        return [
            self.env[self._fields[fname].comodel_name]
            for fname in ("order_id", "frame_id")
        ]

    def _contract_parent_vals(self):
        self.ensure_one()
        return {"order_id": self.order_id.id, "frame_id": self.frame_id.id}

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        days = [n for n in self._contract_days if n in fields and n not in values]
        if days:
            company = self._vals_parent(values).sudo().company_id or self.env.company
            values.update(dict.fromkeys(days, company._contract_today()))
        return values

    @api.model_create_multi
    def create(self, vals_list):
        self._contract_check_values(*vals_list)
        siblings = {
            fname: [vals[fname] for vals in vals_list if vals.get(fname)]
            for fname in ("order_id", "frame_id")
        }
        for vals in vals_list:
            days = {
                fname
                for fname in self._contract_days
                if fname not in vals and f"default_{fname}" not in self.env.context
            }
            if days and (parent := self._vals_parent(vals)):
                # the parents of all of them are read at once
                parent = parent.with_prefetch(siblings[parent._contract_parent_field])
                vals.update(dict.fromkeys(days, parent.sudo()._contract_today()))
        return super().create(vals_list)

    def write(self, vals):
        self._check_of_parent(vals)
        res = super().write(vals)
        if {"order_id", "frame_id"} & vals.keys():
            # the rules are asked for the new contract as well
            self.check_access("write")
        return res

    def _check_of_parent(self, vals):
        """Company and currency are those of the contract, whoever writes."""
        for fname in ("company_id", "currency_id"):
            if fname in vals and any(
                part[fname] and part[fname].id != vals[fname] for part in self.sudo()
            ):
                raise UserError(
                    self.env._(
                        "“%(field)s” is the contract's; it can't be changed here.",
                        field=self._fields[fname]._description_string(self.env),
                    )
                )

    @api.model
    def _recorded_domain(self):
        """Which parts somebody wrote down: a contract that has one is kept, also when
        it is cancelled."""
        return Domain.TRUE

    def _hand_over_files(self):
        """The settled files of what is deleted stay: they go to the row of the history
        that says so.

        :return: ``{part: values for that row}``
        """
        self.check_access("unlink")
        settled = self._files_of_settled(self._files_fields())
        for (part, fname), files in settled.items():
            own = files.filtered(lambda f, p=part: f.res_model == p._name)
            unguarded(own.sudo()).write({"res_model": False, "res_id": False})
            unguarded(part)[fname] = False
        return {
            part: {"attachment_ids": [Command.set(files.ids)]}
            for (part, _fname), files in settled.items()
        }

    # ------------------------------------------------------------------
    # Handing over
    # ------------------------------------------------------------------

    @api.model
    def _handover_domain(self, user):
        """Which parts go to another person with their contract: those that this user
        still has to do something for.

        :return: a domain; None if people don't answer for parts of this kind
        """
        return None

    def _handover(self, handover):
        """Give these parts to the new person of a ``contract.handover``."""
        unguarded(self).with_context(tracking_disable=True).write(
            {"user_id": handover.to_user_id.id}
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        names = self._contract_parent_fields().get(field_expr)
        if not names or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        values = []
        for fname, name in zip(("order_id", "frame_id"), names, strict=True):
            parent, joined = self._fields[fname].join(self.sudo(), alias, query)
            values.append(parent._field_to_sql(joined, name, query))
        return SQL("COALESCE(%s, %s)", *values)
