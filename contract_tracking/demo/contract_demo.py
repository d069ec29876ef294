from datetime import datetime, time

from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.tools import SQL

from ..models.contract.sale_order import OPEN_STATES
from ..tools.guard import unguarded
from .contract_demo_data import CONTRACTS
from .contract_demo_words import CHINESE, READS_ENGLISH

# What a unit of a currency is worth in CNY, by days from today: the rates move, so that
# receivables in foreign currency leave exchange differences.
RATES = {
    "USD": [(-720, 7.2), (-50, 7.16), (-20, 7.11)],
    "EUR": [(-720, 7.78), (-110, 7.8), (-20, 7.88)],
}


class ContractDemo(models.AbstractModel):
    """Demo data: the contracts of a maker of pumps and valves, made through the flows
    that people use and dated from today. Only demo/contract_demo.xml calls it."""

    _name = "contract.demo"
    _description = "Contract Demo Data"

    @api.model
    def _load(self):
        """Make the contracts of the demo, once."""
        if self.env.ref("contract_tracking.contract_demo_01", False):
            return
        company = self.env.ref("contract_tracking.demo_company")
        demo = self.with_company(company).with_context(
            tz=company.contract_tz,
            # no log of who changed what on the day of the installation
            tracking_disable=True,
        )
        demo._prepare_accounting()
        demo._prepare_stock()
        demo._prepare_languages()
        demo = demo._in_chinese()
        demo._create_frames()
        steps = []
        for contract in CONTRACTS:
            steps.append((self._start(contract), "sign", contract, {}))
            steps += [
                (day, step, contract, what) for day, step, what in demo._story(contract)
            ]
        for day, step, contract, what in sorted(steps, key=lambda item: item[0]):
            demo._in_language_of(contract["key"])._take_step(
                step, contract, demo._day(day), what
            )
        demo._record_frames()
        demo._create_deviations()
        demo._create_coordinations()
        demo._create_reagreement()
        demo._create_reviews()
        demo._create_signing()
        demo._create_intakes()
        demo._create_briefings()
        demo._create_plans()
        demo._create_changes()
        demo._create_settlements()
        demo._create_archives()
        demo._create_terminations()
        demo._create_changed_orders()
        demo._finish()
        demo._settle_deviations(demo._find_deviations())
        demo._find_warnings()

    # ------------------------------------------------------------------
    # Ground
    # ------------------------------------------------------------------

    def _prepare_accounting(self):
        """Chart of accounts, rates, Chinese value added tax, a bank account."""
        company = self.env.company
        if not company.chart_template:
            self.env["account.chart.template"]._load("generic_coa", company, False)
            # the chart is that of no country, and says the United States
            company.write(
                {
                    "currency_id": self.env.ref("base.CNY").id,
                    "account_fiscal_country_id": company.country_id.id,
                }
            )
            domestic = self.env["account.fiscal.position"].search(
                [("company_id", "=", company.id), ("country_id.code", "=", "US")]
            )
            domestic.country_id = company.country_id
            account = (
                company.account_sale_tax_id.invoice_repartition_line_ids.account_id
            )
            domain = [("company_id", "=", company.id)]
            taxes = self.env["account.tax"].search(domain)
            groups = self.env["account.tax.group"].search(domain)
            group = self.env["account.tax.group"].create(
                {"name": "VAT", "country_id": company.country_id.id}
            )
            self._name_in_chinese(group, "增值税")
            goods = self._create_tax("13% VAT", "13% 增值税", 13, account, group)
            company.account_sale_tax_id = goods
            company.account_purchase_tax_id = self._create_tax(
                "13% VAT", "13% 进项税", 13, account, group, "purchase"
            )
            taxes.unlink()
            groups.unlink()
            self._create_tax("6% VAT", "6% 增值税", 6, account, group)
            # what is exported bears none
            domestic.tax_ids = self.env["account.tax"].search(domain)
            self._create_bank_account()
        self._create_rates()
        for product in self._products():
            product.taxes_id = self.env["account.tax"].search(
                [
                    ("company_id", "=", company.id),
                    ("type_tax_use", "=", "sale"),
                    ("amount", "=", 6 if product.type == "service" else 13),
                ]
            )
            product.supplier_taxes_id = company.account_purchase_tax_id

    def _create_tax(self, name, chinese, amount, account, group, use="sale"):
        parts = [
            Command.create({"repartition_type": "base"}),
            Command.create({"repartition_type": "tax", "account_id": account[:1].id}),
        ]
        tax = self.env["account.tax"].create(
            {
                "name": name,
                "amount": amount,
                "type_tax_use": use,
                "tax_group_id": group.id,
                "company_id": self.env.company.id,
                "country_id": self.env.company.country_id.id,
                "invoice_repartition_line_ids": parts,
                "refund_repartition_line_ids": parts,
            }
        )
        self._name_in_chinese(tax, chinese)
        return tax

    def _create_bank_account(self):
        """The account that statements and letters name, and its journal."""
        company = self.env.company
        account = self.env["res.partner.bank"].create(
            {
                "partner_id": company.partner_id.id,
                "company_id": company.id,
                "bank_id": self.env.ref("contract_tracking.demo_bank").id,
                "acc_number": "3205 0161 8836 0000 2718",
                "allow_out_payment": True,
            }
        )
        self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
        ).bank_account_id = account

    def _create_rates(self):
        company = self.env.company
        Rate = self.env["res.currency.rate"]
        # a day has one rate; who was here before has left some
        known = {
            (rate.currency_id.name, rate.name)
            for rate in Rate.search([("company_id", "=", company.id)])
        }
        Rate.create(
            [
                {
                    "currency_id": self.env.ref(f"base.{name}").id,
                    "company_id": company.id,
                    "name": self._day(day),
                    "inverse_company_rate": rate,
                }
                for name, rates in RATES.items()
                for day, rate in rates
                if (name, self._day(day)) not in known
            ]
        )

    def _prepare_stock(self):
        """Goods in stock, long before the first delivery."""
        location = self.env.ref("contract_tracking.demo_warehouse").lot_stock_id
        quants = self.env["stock.quant"].with_context(inventory_mode=True)
        goods = self._products().filtered("is_storable")
        quants.create(
            [
                {
                    "product_id": product.id,
                    "location_id": location.id,
                    "inventory_quantity": 200,
                }
                for product in goods
            ]
        ).action_apply_inventory()
        moves = self.env["stock.move"].search(
            [("product_id", "in", goods.ids), ("sale_line_id", "=", False)]
        )
        self._date_moves(moves, self._day(-500))

    # ------------------------------------------------------------------
    # Languages
    # ------------------------------------------------------------------

    def _prepare_languages(self):
        """Chinese for Chinese customers and for most users, and prices in the currency
        of each customer."""
        customers = self.env["res.partner"].search(
            [("company_id", "=", self.env.company.id), ("is_company", "=", True)]
        )
        for customer in customers - self.env.company.partner_id:
            code = customer.country_id.code
            currency = {"CN": "cny", "DE": "eur"}.get(code, "usd")
            customer.property_product_pricelist = self._ref("pricelist", currency)
        if not self._has_chinese():
            return
        # those of the addon come after the demo: what it writes is to be Chinese
        self.env.flush_all()
        self.env["ir.module.module"]._load_module_terms(
            ["contract_tracking"], ["zh_CN"]
        )
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()
        for name, chinese in CHINESE.items():
            record = self.env.ref(f"contract_tracking.{name}")
            self._name_in_chinese(record, chinese)
        home = customers.filtered(lambda c: c.country_id.code == "CN")
        (home | self.env.company.partner_id).lang = "zh_CN"
        english = self.env["res.users"].union(
            *(self._ref("user", name) for name in READS_ENGLISH)
        )
        users = self.env["res.users"].search([("company_id", "=", self.env.company.id)])
        (users - english).lang = "zh_CN"

    def _has_chinese(self):
        return bool(self.env["res.lang"]._get_data(code="zh_CN"))

    def _name_in_chinese(self, record, name):
        if self._has_chinese():
            record.with_context(lang="zh_CN").name = name

    def _in_chinese(self):
        return self.with_context(lang="zh_CN" if self._has_chinese() else "en_US")

    def _in_language_of(self, contract):
        """What is written on a contract is in the language of its customer."""
        [name] = [row["partner"] for row in CONTRACTS if row["key"] == contract]
        is_home = self._ref("partner", name).country_id.code == "CN"
        return self._in_chinese() if is_home else self.with_context(lang="en_US")

    # ------------------------------------------------------------------
    # Running the stories
    # ------------------------------------------------------------------

    def _take_step(self, step, contract, day, what):
        """Take a step and date what it left in the contract's history and in the
        chatter: both know today only."""
        last = {
            table: self._last_id(table)
            for table in ("contract_history", "mail_message")
        }
        if step == "sign":
            order = self._sign(contract, day)
        else:
            order = self._ref("contract_demo", contract["key"])
            getattr(self, f"_step_{step}")(order, day, **what)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE contract_history SET date = %s WHERE id > %s AND order_id = %s",
            [day, last["contract_history"], order.id],
        )
        self.env.cr.execute(
            "UPDATE mail_message SET date = %s WHERE id > %s",
            [self._moment(day), last["mail_message"]],
        )
        self.env["contract.history"].invalidate_model(["date"])
        self.env["mail.message"].invalidate_model(["date"])

    def _last_id(self, table):
        self.env.flush_all()
        self.env.cr.execute(
            SQL("SELECT COALESCE(MAX(id), 0) FROM %s", SQL.identifier(table))
        )
        [number] = self.env.cr.fetchone()
        return number

    def _sign(self, contract, day):
        """A quotation with its terms, confirmed if it is more than that."""
        company = self.env.company
        mode = company.contract_track_mode
        if contract.get("opening"):
            # confirmed before contracts were tracked
            company.contract_track_mode = "manual"
        order = self._create_order(contract, day)
        self.env["ir.model.data"]._update_xmlids(
            [
                {
                    "xml_id": f"contract_tracking.contract_demo_{contract['key']}",
                    "record": order,
                    "noupdate": True,
                }
            ]
        )
        seller = order.user_id
        if contract.get("quotation"):
            self._create_terms(order, contract)
            order.with_user(seller).action_contract_assign_number()
        elif contract.get("opening"):
            order.with_user(seller).action_confirm()
            order.date_order = self._moment(day)
            self._create_terms(order, contract)
            self._join(order, contract)
            company.contract_track_mode = mode
        else:
            self._create_terms(order, contract)
            order.with_user(seller).action_confirm()
            order.date_order = self._moment(day)
        return order

    def _create_order(self, contract, day):
        seller = self._ref("user", contract["seller"])
        partner = self._ref("partner", contract["partner"])
        export = partner.country_id.code != "CN"
        values = {
            "partner_id": partner.id,
            "user_id": seller.id,
            "team_id": seller.crm_team_ids[:1].id,
            "date_order": self._moment(day),
            "validity_date": False,
            "commitment_date": self._moment(self._day(contract["promised"])),
            "client_order_ref": contract.get("reference"),
            "order_line": [
                Command.create(
                    {
                        "product_id": self._ref("product", code).id,
                        "product_uom_qty": quantity,
                        **({"tax_ids": [Command.clear()]} if export else {}),
                    }
                )
                for code, quantity in contract["lines"]
            ],
        }
        if contract.get("consignee"):
            values["partner_shipping_id"] = self._ref(
                "partner", contract["consignee"]
            ).id
        payment_term = contract.get("payment_term")
        values["payment_term_id"] = payment_term and self.env.ref(payment_term).id
        if not contract.get("opening"):
            values.update(self._contract_facts(contract))
        if contract.get("renews"):
            renewed = self._ref("contract_demo", contract["renews"])
            action = renewed.with_user(seller).action_contract_renew()
            order = self.env["sale.order"].browse(action["res_id"])
            order.order_line.unlink()
            order.with_user(seller).write(values)
            return order
        return (
            self.env["sale.order"]
            .with_user(seller)
            .create(values)
            .with_user(self.env.user)
        )

    def _contract_facts(self, contract):
        facts = {
            "contract_kind": contract.get("kind", "contract"),
            "contract_type": "renewal" if contract.get("renews") else "new",
            "contract_supervisor_id": self._ref(
                "user", contract.get("supervisor", "business")
            ).id,
            "contract_end_date": contract.get("ends") and self._day(contract["ends"]),
            "contract_fulfilment": contract.get("fulfilment"),
        }
        if contract.get("template"):
            facts["contract_schedule_template_id"] = self.env.ref(
                f"contract_tracking.template_{contract['template']}"
            ).id
        if contract.get("frame"):
            facts.update(
                contract_frame_id=self._ref("frame", contract["frame"]).id,
                contract_call_off_date=self._day(self._start(contract)),
            )
        if "signed" in contract:
            day = self._day(contract["signed"])
            [number] = self.env["contract.form.type"]._next_numbers(
                "sale.order", self.env.company, 1, day
            )
            facts.update(
                contract_number=number,
                contract_signing_date=day,
                contract_our_seal_date=day,
                contract_customer_seal_date=day,
                contract_signatory=self._ref("user", "leader").name,
                contract_customer_signatory=contract["signatory"],
            )
        return facts

    def _create_terms(self, order, contract):
        lines = {line.product_id.id: line.id for line in order.order_line}
        values = []
        for number, term in enumerate(contract.get("terms", []), 1):
            vals = {"order_id": order.id, "sequence": 40 + number, **term}
            event, day = vals.pop("event", None), vals.pop("day", None)
            if event:
                vals["event_type_id"] = self._event_type(event).id
            else:
                vals.update(due_mode="date", date_fixed=self._day(day))
            if "product" in term:
                vals["line_id"] = lines[self._ref("product", vals.pop("product")).id]
            if "user" in term:
                vals["user_id"] = self._ref("user", vals.pop("user")).id
                vals["department_id"] = self._ref(
                    "department", vals.pop("department")
                ).id
            values.append(vals)
        self.env["contract.term"].create(values)

    def _join(self, order, contract):
        """A contract that ran before: opening figures, then it joins by hand."""
        opening = contract["opening"]
        amount = 0
        order.contract_opening_date = self._day(opening["day"])
        for code, quantity in opening["delivered"].items():
            line = self._line(order, code)
            line.contract_opening_quantity = quantity
            line.move_ids.product_uom_qty -= quantity
            amount += line.price_total / line.product_uom_qty * quantity
        order.write(
            {
                **self._contract_facts(contract),
                "contract_opening_invoiced": amount,
                "contract_opening_received": amount,
            }
        )
        order.with_user(order.user_id).action_contract_track()

    def _finish(self):
        """The next records of old contracts fall due from today on, as if those in
        between had been written."""
        orders = self.env["sale.order"].search(
            [
                ("contract_next_record_date", "<", self._day(0)),
                ("contract_effective_date", "<", self._day(-7)),
            ]
        )
        for order in orders:
            day = order._contract_regular_record_date(self._day(0))
            unguarded(order).contract_next_record_date = day

    def _find_warnings(self):
        """What threatens today, as the daily search says: the last pump of a contract
        is planned twelve days after its agreed day."""
        moves = self._ref("contract_demo", "09").picking_ids.move_ids
        for move in moves.filtered(lambda m: m.state not in ("done", "cancel")):
            move.date += relativedelta(days=12)
        Warning_ = self.env["contract.warning"]
        for name, fname in (
            ("sale.order", "contract_state"),
            ("contract.frame", "state"),
        ):
            Warning_._find(self.env[name].search([(fname, "in", OPEN_STATES)]))

    # ------------------------------------------------------------------
    # Names and days
    # ------------------------------------------------------------------

    def _ref(self, model, name):
        prefix = model if model == "contract_demo" else f"demo_{model}"
        return self.env.ref(f"contract_tracking.{prefix}_{name}")

    def _products(self):
        codes = {code for contract in CONTRACTS for code, _qty in contract["lines"]}
        return self.env["product.product"].union(
            *(self._ref("product", code) for code in sorted(codes))
        )

    def _event_type(self, name):
        return self.env.ref(f"contract_tracking.event_type_{name}")

    def _line(self, order, code):
        product = self._ref("product", code)
        return order.order_line.filtered(lambda line: line.product_id == product)

    @api.model
    def _story(self, contract):
        """The steps of a contract; subjects of their own add theirs."""
        return contract["story"]

    def _start(self, contract):
        """The day of the order: that of the signature unless the table says more."""
        return contract.get("ordered", contract.get("signed", 0))

    def _day(self, number):
        today = self.env.company._contract_today()
        return today + relativedelta(days=number)

    def _moment(self, day):
        """Ten in the morning in China, on this day; today not later than now."""
        moment = datetime.combine(day, time(2))
        return min(moment, fields.Datetime.now()) if day == self._day(0) else moment

    def _date_moves(self, moves, day):
        moment = self._moment(day)
        moves.write({"date": moment})
        moves.move_line_ids.write({"date": moment})
        moves.picking_id.date_done = moment
