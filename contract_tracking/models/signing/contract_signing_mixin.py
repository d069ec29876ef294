from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_list

from ...tools.guard import unguarded
from ...tools.values import is_id, is_text
from ...tools.words import join_sentences
from ..contract.sale_order import READER


class ContractSigningMixin(models.AbstractModel):
    """Who signed a contract or a frame agreement with which authority, where its
    originals are, and the handover of its papers after signing."""

    _name = "contract.signing.mixin"
    _description = "Signed Contract"

    # The fields of who signed, and when.
    _contract_signatory_field = ""
    _contract_signing_field = ""

    contract_signatory_id = fields.Many2one(
        "contract.signatory",
        string="Authorised Signatory",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        groups=READER,
        help="By whose authority it was signed for us.",
    )
    contract_signatory_text = fields.Text(
        string="What Speaks Against the Signature",
        compute="_compute_contract_signatory_text",
        groups=READER,
        help="Where the company checks signatures: why nobody with authority signed "
        "it, and who may.",
    )
    contract_original_count = fields.Integer(
        string="Originals",
        compute="_compute_contract_original_count",
        groups=READER,
        help="Originals that are written down, whoever holds them.",
    )

    def _compute_contract_signatory_text(self):
        for parent in self:
            origin = parent._origin.sudo()
            checked = origin.company_id.contract_signatory_check in ("warn", "refuse")
            parent.contract_signatory_text = (
                checked and origin._contract_signatory_refusal()
            )

    def _compute_contract_original_count(self):
        # who hands originals on keeps their number
        groups = self.env["contract.counterpart"]._read_group(
            Domain(self._contract_parent_field, "in", self._origin.ids)
            & Domain("from_id", "=", False),
            [self._contract_parent_field],
            ["copies:sum"],
        )
        counts = dict(groups)
        for parent in self:
            parent.contract_original_count = counts.get(parent._origin, 0)

    @api.onchange("contract_signatory_id")
    def _onchange_contract_signatory_id(self):
        if self.contract_signatory_id:
            self[self._contract_signatory_field] = self.contract_signatory_id.name

    def _contract_with_signatory(self, vals):
        """Values with both who signed and by which authority: who names the one names
        the other."""
        fname = self._contract_signatory_field
        if fname not in vals:
            signatory_id = vals.get("contract_signatory_id")
            if not is_id(signatory_id):
                return vals
            signatory = self.env["contract.signatory"].sudo().browse(signatory_id)
            return {**vals, fname: signatory.exists().name}
        name = vals[fname]
        if "contract_signatory_id" in vals:
            return vals
        company_id = vals.get("company_id")
        company = self.sudo().company_id
        if is_id(company_id):
            company = company.browse(company_id)
        elif not self:
            company = self.env.company
        Signatory = self.env["contract.signatory"].sudo()
        # what is no text is refused as such
        named = (
            name
            and isinstance(name, str)
            and is_text(name)
            # of several companies it is nobody in particular
            and len(company) == 1
            and Signatory.search(
                [("name", "=", name), ("company_id", "=", company.id)], limit=1
            )
        )
        # where nobody enters them there is nothing to write
        if named or any(parent.contract_signatory_id for parent in self.sudo()):
            return {**vals, "contract_signatory_id": named and named.id}
        return vals

    # ------------------------------------------------------------------
    # Authority
    # ------------------------------------------------------------------

    def _contract_signing_kind(self):
        """The kind of binding document, as signatories name it."""
        raise NotImplementedError

    def _contract_signed(self, vals):
        """Something of its signing was written down: the signature is checked, and its
        papers are due."""
        day = self._contract_signing_field
        fields_of = {day, self._contract_signatory_field, "contract_signatory_id"}
        if fields_of.isdisjoint(vals):
            return
        signed = self.sudo().filtered(day)
        signed._contract_check_signatory()
        signed._contract_ask_papers()

    def _contract_check_signatory(self):
        """Check by whose authority these were signed, where the company refuses.

        :raise UserError: saying why not, and who may sign
        """
        for parent in self.sudo():
            if parent.company_id.contract_signatory_check != "refuse":
                continue
            if refusal := parent._contract_signatory_refusal():
                raise UserError(
                    self.env._(
                        "%(contract)s: %(refusal)s",
                        contract=parent.display_name,
                        refusal=refusal,
                    )
                )

    def _contract_signatory_refusal(self):
        """Why who signed had no authority to, and who has; False if all is well, or
        nobody has signed yet."""
        self.ensure_one()
        name, day = (
            self[self._contract_signatory_field],
            self[self._contract_signing_field],
        )
        if not (name or day):
            return False
        day = day or self._contract_today()
        company = self.company_id
        amount = self.currency_id._convert(
            self.amount_total, company.currency_id, company, day
        )
        case = (day, self._contract_signing_kind(), amount)
        # whose authority is named is who signed
        signatory = self.contract_signatory_id.filtered(lambda s: s.name == name)
        if signatory and not (refusal := signatory._refusal(*case)):
            return False
        if not signatory:
            refusal = (
                self.env._("%(name)s is not among the signatories.", name=name)
                if name
                else self.env._("It doesn't say who signed for us.")
            )
        others = self.env["contract.signatory"].search(
            [("company_id", "=", company.id)]
        )
        fit = others.filtered(lambda other: not other._refusal(*case))
        who = (
            self.env._(
                "It may be signed by %(names)s.",
                names=format_list(
                    self.env, list(dict.fromkeys(fit.mapped("name"))), style="or"
                ),
            )
            if fit
            else self.env._(
                "Nobody is authorised to sign it: an administrator of contracts enters "
                "who is in Contracts ‣ Configuration ‣ Authorised Signatories."
            )
        )
        return join_sentences(self.env, [refusal, who])

    # ------------------------------------------------------------------
    # Papers
    # ------------------------------------------------------------------

    def _contract_ask_papers(self):
        """Ask for the papers of what was signed, where the company does."""
        asked = self.filtered(
            lambda p: (
                p.company_id.sudo().contract_papers_days
                and p.company_id.sudo().contract_papers_department_id
                and not p._contract_is_cancelled()
            )
        )
        if asked:
            (asked - asked.filtered("contract_handover_ids"))._contract_hand_papers()

    def _contract_hand_papers(self):
        """Make the handovers of their papers: due so many days after signing."""
        vals_list = []
        for parent in self:
            company = parent.company_id.sudo()
            days = company.contract_papers_days
            # who hands them over unasked does it today
            signed = days and parent[self._contract_signing_field]
            day = signed or parent._contract_today()
            vals_list.append(
                {
                    **parent._contract_part_vals(),
                    "user_id": parent._contract_responsible().id,
                    "department_id": company.contract_papers_department_id.id,
                    "date_due": day + timedelta(days=days),
                }
            )
        handovers = unguarded(self.env["contract.paper.handover"].sudo())
        return handovers.create(vals_list)

    def action_contract_hand_papers(self):
        """Open the handover of the papers; one that nobody asked for begins now.

        :raise UserError: if no department takes papers
        """
        self.ensure_one()
        self._contract_check_follows()
        self.check_access("write")
        parent = self.sudo()
        if not parent.contract_handover_ids:
            if not parent.company_id.contract_papers_department_id:
                raise UserError(
                    self.env._(
                        "No department takes papers: an administrator chooses it in "
                        "Settings ‣ Contracts."
                    )
                )
            parent._contract_hand_papers()
        return parent.contract_handover_ids[:1].with_env(self.env)._open_form()

    @api.readonly
    def action_contract_originals(self):
        """Open where the originals are."""
        return self._contract_parts_action("contract_counterpart_action")
