from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.tools import SQL


class ContractFormType(models.Model):
    """A form, as a company's ISO records list it: its code, its version, and the
    sequence that numbers it, one range a year.

    One row a company and model, made by itself from what the model says
    (``_contract_form``). Serves D9 §6.
    """

    _name = "contract.form.type"
    _inherit = ["contract.system.mixin"]
    _description = "Contract Form"
    _order = "company_id, code, id"
    _rec_name = "model"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    model = fields.Selection(
        "_selection_model", string="Form", required=True, readonly=True
    )
    code = fields.Char(
        string="Form Code", help="Printed on the form, as your ISO records ask."
    )
    version = fields.Char(string="Form Version")
    sequence_id = fields.Many2one(
        "ir.sequence",
        string="Numbers",
        required=True,
        ondelete="restrict",
        help="Draws the numbers; each year begins a range of its own.",
    )

    _model_uniq = models.Constraint(
        "unique(company_id, model)", "This company already has this form."
    )

    @api.model
    def _selection_model(self):
        """The numbered models: what sets ``_contract_form``."""
        return [
            (name, self.env["ir.model"]._get(name).name)
            for name, model in sorted(self.env.items())
            if getattr(model, "_contract_form", None)
        ]

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Every company keeps all of its forms."))

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _ensure(self, companies):
        """Give companies the forms that they don't have yet.

        A sequence that was made for the form before is kept.
        """
        forms = self.sudo()
        present = set(
            forms._read_group(
                [("company_id", "in", companies.ids)], ["company_id", "model"]
            )
        )
        # of several with one code the oldest has drawn the numbers so far
        sequences = {
            (sequence.company_id, sequence.code): sequence
            for sequence in self.env["ir.sequence"]
            .sudo()
            .search(
                [("company_id", "in", companies.ids), ("code", "!=", False)],
                order="id desc",
            )
        }
        values = []
        for model, label in self._selection_model():
            code, version, prefix = self.env[model]._contract_form
            for company in companies:
                if (company, model) in present:
                    continue
                sequence = sequences.get(
                    (company, self._sequence_code(model))
                ) or self.env["ir.sequence"].sudo().create(
                    {
                        "name": f"{label} ({company.name})",
                        "code": self._sequence_code(model),
                        "prefix": f"{prefix}%(range_year)s-",
                        "padding": 4,
                        "use_date_range": True,
                        "company_id": company.id,
                    }
                )
                values.append(
                    {
                        "company_id": company.id,
                        "model": model,
                        "code": code,
                        "version": version,
                        "sequence_id": sequence.id,
                    }
                )
        return forms.create(values)

    @api.model
    def _sequence_code(self, model):
        return "contract.number" if model == "sale.order" else model

    @api.model
    def _form_of(self, model, company):
        """Id of the sequence, code and version of a company's form."""
        found = self._find_form(model, company.id)
        if not found:
            self._ensure(company)
            found = self._find_form(model, company.id)
        return found

    @api.model
    @tools.ormcache("model", "company_id")
    def _find_form(self, model, company_id):
        form = self.sudo().search(
            [("company_id", "=", company_id), ("model", "=", model)]
        )
        return (form.sequence_id.id, form.code, form.version) if form else False

    @api.model
    def _next_numbers(self, model, company, count, day=None):
        """Draw ``count`` numbers for records of a model, in one query.

        :param day: whose year they are of; today in the company's zone if not given
        :return: list of str
        """
        drawn = self._drawn_sql(self._number_range(model, company, day), count)
        rows = self.env.execute_query(SQL("SELECT number FROM (%s) n", drawn))
        return sorted((number for [number] in rows), key=lambda n: (len(n), n))

    @api.model
    def _number_range(self, model, company, day=None):
        """The range of the year of a company's numbers, ready to draw from."""
        sequence_id, _code, _version = self._form_of(model, company)
        day = day or company._contract_today()
        Range = self.env["ir.sequence.date_range"].sudo()
        date_range = Range.search_fetch(
            [
                ("sequence_id", "=", sequence_id),
                ("date_from", "<=", day),
                ("date_to", ">=", day),
            ],
            limit=1,
        )
        if not date_range:
            sequence = self.env["ir.sequence"].sudo().browse(sequence_id)
            date_range = sequence._create_date_range_seq(day)
        return date_range.with_context(
            ir_sequence_date_range=date_range.date_from, tz=company.sudo().contract_tz
        )

    @api.model
    def _next_free_numbers(self, model, company, count, fname):
        """Draw numbers that nobody typed into the field ``fname`` of another record:
        drawing them must not stop what they are drawn for. One query for all.

        :return: list of str
        """
        date_range = self._number_range(model, company)
        numbers = []
        while missing := count - len(numbers):
            drawn = self._drawn_sql(date_range, missing)
            rows = self.env.execute_query(
                SQL(
                    """SELECT n.number FROM (%(drawn)s OFFSET 0) n
                        WHERE NOT EXISTS (
                              SELECT FROM %(table)s r
                               WHERE r.company_id = %(company)s
                                 AND lower(normalize(btrim(r.%(fname)s), NFKC))
                                     = lower(n.number))
                        ORDER BY LENGTH(n.number), n.number""",
                    drawn=drawn,
                    table=SQL.identifier(self.env[model]._table),
                    company=company.id,
                    fname=SQL.identifier(fname),
                )
            )
            numbers += [number for [number] in rows]
        return numbers

    @api.model
    def _drawn_sql(self, date_range, count):
        """SQL rows ``number``: the next ``count`` numbers of a range. Without gaps
        core draws them one by one."""
        sequence = date_range.sequence_id
        if sequence.implementation != "standard":
            texts = [date_range._next() for _i in range(count)]
            return SQL("SELECT UNNEST(%s::text[]) AS number", texts)
        prefix, suffix = sequence._get_prefix_suffix()
        return SQL(
            """SELECT %s || CASE WHEN LENGTH(digits) < %s
                                 THEN LPAD(digits, %s, '0')
                                 ELSE digits END || %s AS number
                 FROM (SELECT NEXTVAL(%s)::text AS digits
                         FROM GENERATE_SERIES(1, %s) OFFSET 0) d""",
            prefix,
            sequence.padding,
            sequence.padding,
            suffix,
            f"ir_sequence_{sequence.id:03}_{date_range.id:03}",
            count,
        )

    @api.model
    def _iso_vals(self, model, company):
        """Code and version of a form today, for the record that is made of it."""
        _sequence_id, code, version = self._form_of(model, company)
        return {"form_code": code, "form_version": version}
