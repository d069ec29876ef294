"""Every stored field of what is evidence, who may change it and why."""

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.models import MAGIC_COLUMNS
from odoo.tools import mute_logger

from ..models.base.contract_system_mixin import is_mail
from ..tools.guard import guarded, unguarded
from .deviations import RULES, DeviationCase

# What is written in each model of evidence, once it is settled. "agreed": what people
# said or both sides promised; it changes by another document, a re-agreement, or the
# business office with a reason. "system": what only the addon's own steps write.
# "free": who may write the document may write it, for the reason given.
FIELDS = {
    "account.payment": {
        "agreed": """
            contract_bill_drawer contract_bill_maturity contract_bill_number
            contract_instrument_id
        """,
        "system": """
            contract_bill_date contract_bill_passed_date
            contract_bill_passed_state contract_bill_state
        """,
        "free": {
            "contract_payer_id": "claims keep the payer of their day",
        },
    },
    "contract.acknowledgement": {
        "system": """
            acknowledged_on answer answer_required asked_by_id asked_on
            company_id date_deadline department_name frame_id order_id
            question question_on reminded_on replied_by_id reply reply_on res_id
            res_model state user_id user_name what
        """,
    },
    "contract.action": {
        "agreed": """
            date_deadline department_id frame_id kind name order_id res_id
            res_model user_id
        """,
        "system": """
            attachment_ids company_id deviation_id done_by_id done_by_name
            done_on escalated_on note reminded_on state verified_by_name
            verified_on
        """,
    },
    "contract.approval.step": {
        "system": """
            days days_taken escalate_days oral_allowed oral_limit oral_user_ids
            review_compliance review_resources review_schedule
            absent_id absent_name absent_reason amount comment company_id
            currency_id date_deadline decided_by_id decided_by_name
            decided_on escalate_user_id escalated_on frame_id kind line_id
            mode name oral oral_answered_on oral_by_id oral_by_name
            oral_deadline oral_means oral_on oral_state order_id origin
            origin_user_id outcome pending_on reminded_on res_id res_model
            res_name round rule_id sequence severity slot state team_id user_id
            user_name
        """,
    },
    "contract.checklist.line": {
        "agreed": """
            frame_id order_id template_line_id
        """,
        "system": """
            answer_kind answered_on archive_id company_id computed evidence is_given
            kept_answer
            name number_max number_min option_name option_points option_risk purpose
            required res_id res_model review_id risk_grade risk_limit risk_when
            sequence unit user_id weight
        """,
        "free": {
            "number": "as the answer",
            "option_id": "as the answer",
            "answer": "answered until its document is closed, signed by who answered "
            "last",
            "attachment_ids": "as the answer",
            "note": "as the answer",
            "score": "as the answer",
            "text": "as the answer",
        },
    },
    "contract.coordination": {
        "agreed": """
            attachment_ids date department_id description deviation_ids
            frame_id kind logistics_exception_id order_id outcome outside_text
            reply_date requests scope subject summary user_id with_statement
        """,
        "system": """
            claimed
            buyer_name closed_by_id closed_on company_id contract_no
            department_name form_code form_version last_reply_on name
            partner_name predecessor_id replaces_id sent_by_id sent_on stage
            state team_id user_name void_reason
        """,
    },
    "contract.coordination.reply": {
        "agreed": """
            coordination_id date_deadline department_id kind partner_id
            requests role sequence user_id
        """,
        "system": """
            answered_by_id answered_by_name answered_on attachment_ids
            company_id email letter_message_id name proposed_message_id
            escalated_on proposed_text reminded_on reply_message_id reply_text
            state supplement_of_id
        """,
    },
    "contract.deviation": {
        "agreed": """
            attachment_ids cause_id cause_note channel date department_id
            frame_id impact_amount impact_days kind lead_id line_id
            logistics_exception_id move_id
            order_id picking_id recommendation recommendation_ids
            responsible_party severity stops_goods summary term_id user_id
        """,
        "system": """
            coordination_ids party_ids refused_content seen_by_id
            actual_amount actual_date actual_quantity agreed_amount
            agreed_date agreed_quantity approval_round approval_state
            company_id contract_no cured_on date_deadline decided_by_name
            decided_on decision decision_text detect_key
            ended_attachment_ids ended_authority ended_by_id ended_by_name
            ended_on ended_reason escalated_on execution_end form_code
            form_version impact_amount_company involved_ids name
            partner_name proposed_severity proposed_summary reminded_on
            reported_by_id reported_by_name reported_on result
            result_attachment_ids rule_id sent_back_on sent_back_reason
            source state submitted_by_id submitted_on team_id term_name
            user_name verification verified_by_id verified_by_name
            verified_on void_reason
        """,
    },
    "contract.logistics.exception": {
        "agreed": """
            attachment_ids description kind move_id picking_id quantity seen_on
            user_id
        """,
        "system": """
            closed_by_id closed_on company_id escalated_on frame_id handled_by_id
            handled_on measure name order_id outcome state
        """,
    },
    "contract.document": {
        "agreed": """
            attachment_ids date frame_id name order_id partner_ids type_id
        """,
        "system": """
            company_id message_id user_id
        """,
        "free": {
            "note": "a remark beside the paper: nobody relies on it",
        },
    },
    "contract.event": {
        "agreed": """
            deemed frame_id order_id type_id
        """,
        "system": """
            company_id
        """,
        "free": {
            "attachment_ids": "files are added; those that are there stay",
            "date": "each change is dated in the history",
            "note": "a remark: it proves nothing",
        },
    },
    "contract.frame": {
        "agreed": """
            amount_total client_ref company_id currency_id
            contract_signatory_id customer_signatory date_end date_start
            incoterm_id name owner_id
            partner_id payment_term_id schedule_template_id signatory
            signing_date supervisor_id
        """,
        "system": """
            amount_lines commercial_partner_id effective_date predecessor_id
            reminded_on state
        """,
        "free": {
            "note": "a remark: nothing is agreed by it",
            "team_id": "each change is dated in the history",
        },
    },
    "contract.frame.line": {
        "agreed": """
            amount categ_id frame_id price_unit product_id quantity uom_id
        """,
        "system": """
            company_id
        """,
        "free": {
            "sequence": "its place in the list",
        },
    },
    "contract.history": {
        "agreed": """
            date frame_id kind line_id name new_value old_value order_id
            quantity reason record_id res_model
        """,
        "system": """
            attachment_ids company_id old_record_id user_id
        """,
    },
    "contract.payment.claim": {
        "agreed": """
            amount date frame_id note order_id origin term_id
        """,
        "system": """
            company_id confirmed_by_id contract_amount contract_currency_id
            currency_id instrument_id is_third_party move_line_id payer_id
            payer_name payment_id receipt_date receipt_id receipt_name state
            user_id withdrawn_by_id withdrawn_on withdrawn_reason
        """,
    },
    "contract.plan": {
        "agreed": """
            date frame_id goals order_id template_id tracking_days user_id
        """,
        "system": """
            active_on approval_round approval_state company_id contract_no
            date_end ended_on form_code form_version name partner_name party_ids
            refused_content replaces_id replan_reason state submitted_by_id
            submitted_on team_id version void_reason
        """,
    },
    "contract.plan.line": {
        "agreed": """
            date_planned department_id incentive kind kpi name plan_id
            predecessor_id sequence term_id user_id weight
        """,
        "system": """
            attachment_ids cause company_id date_baseline done_on needs note
            origin_id plan_state problem reported reported_by_id reported_on
        """,
    },
    "contract.plan.risk": {
        "agreed": """
            measure name plan_id sequence user_id
        """,
        "system": """
            company_id
        """,
    },
    "contract.change": {
        "agreed": """
            amount_change change_dates change_goods change_payment change_price
            change_quantity change_text consent_id coordination_id cost date
            date_answer days_change deviation_id frame_id impact_note kind letter_id
            minutes_id negotiated_on negotiated_with order_id party reason result
            result_note user_id wish
        """,
        "system": """
            agreed_on approval_round approval_state company_id contract_no facts
            form_code form_version name partner_name party_ids refused_content
            replaces_id state submitted_by_id submitted_on team_id void_reason
        """,
    },
    "contract.change.line": {
        "agreed": """
            change_id date_new is_dropped note quantity term_id
        """,
        "system": """
            company_id
        """,
    },
    "contract.termination": {
        "agreed": """
            basis change_id clause_id date date_from date_resume dates_move document_id
            frame_id is_unilateral kind legal_reference notice_date notice_document_id
            notice_means notice_text objection_days order_id reason user_id
        """,
        "system": """
            approval_round approval_state assessed_on balance company_id contract_no
            date_objection delivered_not_invoiced delivered_unpaid deposit form_code
            form_version held_ids in_force_on name outcome owed_by_customer owed_by_us
            partner_name party_ids refused_content replaces_id reserved resumed_on
            retention state submitted_by_id submitted_on suspended_days team_id
            void_reason
        """,
        "free": {
            "consent_id": "follows the decision",
        },
    },
    "contract.termination.penalty": {
        "agreed": """
            amount debtor kind name sequence termination_id
        """,
        "system": """
            company_id
        """,
    },
    "contract.termination.delivery": {
        "agreed": """
            choice note picking_id termination_id
        """,
        "system": """
            company_id
        """,
    },
    "contract.reagreement": {
        "agreed": """
            amount_after change_id change_order coordination_id date date_from
            document_id frame_date_end frame_id order_id reason user_id
        """,
        "system": """
            party_ids refused_content
            amount_before applied_on approval_round approval_state
            company_id contract_no form_code form_version name partner_name
            state submitted_by_id submitted_on team_id void_reason
        """,
    },
    "contract.reagreement.line": {
        "agreed": """
            with_customer
            action alt_delay alt_delay_unit alt_event_type_id amount
            date_fixed delay delay_unit department_id deposit_deduction
            due_mode each event_type_id from_month_end instrument_id kind
            line_id name over_percent payment_kind percent precedes quantity
            reagreement_id sequence short_percent tenor_days term_id user_id
            weight frame_line_id product_id uom_id new_price price_unit discount
            tax_ids price_proposed discount_proposed
        """,
        "system": """
            company_id amount_before price_before quantity_before
        """,
    },
    "contract.review": {
        "agreed": """
            attachment_ids date frame_id note order_id security user_id
        """,
        "system": """
            risk_grade risk_score standing terms_attested_by_id terms_attested_name
            terms_attested_on
            amount approval_round approval_state company_id concluded_on conclusion
            content contract_no form_code form_version name partner_name party_ids
            previous_id refused_content replaces_id state submitted_by_id
            submitted_on team_id void_reason
        """,
    },
    "contract.review.term": {
        "agreed": """
            not_applicable reason
        """,
        "system": """
            company_id kind places review_id sequence
        """,
    },
    "contract.settlement": {
        "agreed": """
            balance_note balance_reason customer_balance customer_differs
            customer_note date frame_id kind note order_id user_id
        """,
        "system": """
            adjusted_amount agreed_amount approval_round approval_state balance
            bills_amount booked_receivable company_id confirmed_on contract_no
            deduction_amount delivered_amount difference_count due_amount fee_amount
            form_code form_version invoiced_amount missing_text name partner_name
            party_ids received_amount refused_content replaces_id retention_amount
            retention_open retention_until returned_amount state submitted_by_id
            submitted_on team_id uninvoiced_amount void_reason
        """,
        "free": {
            "sealed_ids": "the customer's sealed copy comes when it comes; what is "
            "filed stays",
            "sealed_on": "as the sealed copy, once",
        },
    },
    "contract.settlement.deduction": {
        "agreed": """
            amount basis document_id is_booked kind settlement_id side
        """,
        "system": "company_id",
    },
    "contract.settlement.line": {
        "agreed": "customer_amount customer_note customer_quantity differs",
        "system": """
            agreed_amount agreed_quantity company_id delivered_amount
            delivered_quantity invoiced_amount invoiced_quantity line_id name
            returned_amount returned_quantity sequence settlement_id uom_name
        """,
    },
    "contract.settlement.payment": {
        "agreed": "customer_amount customer_note differs",
        "system": """
            agreed_amount amount company_id date due_text is_retention key kind name
            outstanding sequence settlement_id term_id
        """,
    },
    "contract.risk.shipment": {
        "agreed": """
            attachment_ids date date_until frame_id kind measures order_id
            picking_ids reason reason_id security slip_seen user_id
        """,
        "system": """
            amount approval_round approval_state approved_amount
            approved_until bills_amount ceiling closed_on company_id
            contract_amount contract_no credit_available credit_limit
            decided_by_id decided_by_name decided_on exposure_amount form_code
            form_version matured_amount name overdue_amount partner_name
            party_ids payment_text picking_names reason_codes received_amount
            refused_content repaid_amount revoked_by_id revoked_by_name
            revoked_on revoked_reason risk_amount state submitted_by_id
            submitted_on team_id unmet_text used_amount void_reason
        """,
    },
    "contract.risk.shipment.line": {
        "agreed": """
            application_id line_id quantity sequence
        """,
        "system": """
            amount approved_quantity company_id name used_quantity
        """,
    },
    "contract.risk.repayment": {
        "agreed": """
            amount application_id date note
        """,
        "system": """
            company_id
        """,
    },
    "contract.risk.condition": {
        "agreed": """
            application_id
        """,
        "system": """
            company_id name set_by_id set_by_name ticked_by_id ticked_by_name
            ticked_on
        """,
    },
    "contract.monthly.workbook": {
        "system": """
            content done lang name problem record_ids state total user_id
        """,
    },
    "contract.risk.use": {
        "system": """
            amount application_id company_id move_id moved_quantity quantity
            returned_amount returned_quantity row_id
        """,
    },
    "contract.monthly.record": {
        "agreed": """
            company_id month plan problems team_id
        """,
        "system": """
            approval_round approval_state company_name date date_deadline
            date_from form_code form_version generated_on mail_due name
            party_ids proposed_plan proposed_problems reason refused_content
            reminded_on replaces_id state submitted_by_id submitted_on
            team_name user_id user_name version
        """,
    },
    "contract.monthly.record.line": {
        "agreed": """
            plan_collection plan_delivery remark
        """,
        "system": """
            adjusted booked_adjusted booked_delivered
            booked_delivered_adjustment booked_delivered_month
            booked_delivered_not_invoiced booked_delivered_opening
            booked_delivered_year booked_deposits booked_invoiced
            booked_invoiced_adjustment booked_invoiced_month
            booked_invoiced_opening booked_invoiced_year booked_matured
            booked_opening booked_overdue booked_plan_collection
            booked_plan_delivery booked_planned_collection
            booked_planned_delivery booked_receivable booked_received
            booked_received_adjustment booked_received_month
            booked_received_opening booked_received_year
            booked_risk_outstanding booked_total booked_uncounted
            booked_unposted collection_achieved collection_rate
            collection_rate_year company_currency_id company_id completion
            currency_id delivered delivered_adjustment delivered_month
            delivered_not_invoiced delivered_opening delivered_year
            delivery_achieved deviations_closed deviations_new
            deviations_open frame_id invoiced invoiced_adjustment
            invoiced_month invoiced_opening invoiced_year is_moved
            is_planned made_on matured month number order_id overdue
            partner_id partner_name payment_terms planned_collection
            planned_delivery product_names rate receivable received
            received_adjustment received_month received_opening
            received_year record_id risk_outstanding run signing_date
            team_id total user_id user_name
        """,
    },
    "contract.monthly.bridge": {
        "system": """
            amount company_id kind record_id sequence
        """,
    },
    "contract.monthly.cutoff": {
        "agreed": """
            company_id date month
        """,
        "system": """
            done_on run
        """,
    },
    "contract.statement": {
        "agreed": """
            attachment_ids company_id currency_id customer_balance date_from
            date_to difference_note partner_id reply_date
        """,
        "system": """
            adjusted closing_balance company_name company_vat
            confirmed_by_id confirmed_on delivered invoiced is_partial name
            opening_balance overdue partner_name partner_vat received
            replaces_id sent_date state unclaimed user_id user_name
            void_reason
        """,
    },
    "contract.statement.line": {
        "agreed": """
            sequence statement_id
        """,
        "system": """
            amount balance changes_id company_id contract_number date
            frame_id kind name order_id
        """,
    },
    "contract.term": {
        "agreed": """
            clause_id clause_text clause_type is_standing legal_reference
            with_customer
            alt_delay alt_delay_unit alt_event_type_id amount date_fixed
            delay delay_unit deposit_deduction due_mode each event_type_id
            frame_id from_month_end instrument_id kind line_id name order_id
            over_percent payment_kind percent precedes quantity sequence
            short_percent template_line_id tenor_days weight
        """,
        "system": """
            auto company_id currency_id predecessor_id stamped valid_from
            valid_to waived_on waived_reason
        """,
        "free": {
            "attachment_ids": "files are added; those that are there stay: see "
            "test_trust_files",
            "department_id": "as its owner",
            "done_date": "each change is dated in the history",
            "progress": "of milestones: each change is dated in the history",
            "user_id": "given away by himself or who leads, dated in the history",
        },
    },
    "contract.tracking.record": {
        "agreed": """
            coordination coordination_content date frame_id next_date
            next_steps order_id summary user_id
        """,
        "system": """
            adjusted amount_total business_head_name buyer_name company_id
            confirmed_by_id confirmed_on consignee_name contract_no
            customer_ref delivered early_warnings effective_date end_date
            plan_progress
            form_code form_version has_changes invoiced late_count name
            office_head_name overdue owner_name partner_name payment_terms
            proposed_next_steps proposed_summary receivable received
            replaces_id signing_date state supervisor_name team_id
            void_reason words_differ words_lang
        """,
    },
    "contract.tracking.record.line": {
        "agreed": """
            record_id sequence
        """,
        "system": """
            actual_amount actual_date actual_quantity agreed_amount
            agreed_quantity company_id date_due delivered_amount
            deposit_amount deviation_names due_text invoiced_amount kind
            name order_id overdue_amount price_tax price_unit specification
            status term_id uom_name variance_days
        """,
    },
    "sale.order": {
        "agreed": """
            contract_buyer_id contract_call_off_date
            contract_customer_seal_date contract_customer_signatory
            contract_deemed_days contract_end_date contract_frame_id
            contract_fulfilment contract_kind contract_number
            contract_opening_date contract_opening_invoiced
            contract_opening_received contract_our_seal_date
            contract_owner_id contract_predecessor_id
            contract_schedule_template_id contract_signatory
            contract_signatory_id contract_signing_date
            contract_supervisor_id contract_type
        """,
        "system": """
            contract_agreed_amount contract_effective_date
            contract_next_record_date contract_state
            contract_supply_held
        """,
        "free": {
            "contract_record_interval": "how often one is proposed is our own affair",
        },
    },
    "sale.order.line": {
        "agreed": """
            contract_opening_quantity
        """,
        "system": """
            contract_unit_total
        """,
        "free": {
            "contract_line_no": "an import finds the line by it, it says nothing else",
        },
    },
    "stock.move": {
        "system": """
            contract_kit contract_line_units
        """,
        "free": {
            "contract_rejected_quantity": "each change is dated in the history",
            "contract_rejection_reason": "each change is dated in the history",
        },
    },
    # before and while: signing, order entry, briefing
    "contract.counterpart": {
        "agreed": """
            copies date department_id frame_id from_id holder_id order_id user_id
        """,
        "system": """
            company_id copies_left
        """,
        "free": {
            "document_id": "the scan is filed later",
            "note": "a remark beside",
            "seals": "the customer's seal comes later",
        },
    },
    "contract.paper.handover": {
        "system": """
            accepted_by_id accepted_on company_id date_due department_id frame_id
            missing_text order_id returned_count state submitted_by_id submitted_on
            user_id
        """,
    },
    "contract.archive": {
        "agreed": """
            box category_id copies note originals pages place
        """,
        "system": """
            archive_no company_id contract_no custodian_id date date_due department_id
            disposal_ids disposed_on ended_on form_code form_version frame_id kept_on
            missing_text name order_id partner_name retained_until retention_years
            returned_count state submitted_by_id submitted_on team_id user_id
            void_reason
        """,
        "free": {
            "is_confidential": "the business office says so; each change is tracked",
        },
    },
    "contract.archive.disposal": {
        "agreed": """
            archive_ids destroyed_on method reason witness
        """,
        "system": """
            approval_round approval_state carried_out_by_id company_id department_id
            form_code form_version name party_ids refused_content state
            submitted_by_id submitted_on team_id user_id
        """,
    },
    "contract.archive.loan": {
        "agreed": """
            archive_id company_id date_due purpose user_id wanted what
        """,
        "system": """
            approved_by_id approved_on department_id lent_by_id lent_on name
            refused_reason returned_by_id returned_on state
        """,
    },
    "contract.archive.opening": {
        "system": """
            archive_id company_id detail opened_on user_id what
        """,
    },
    "contract.intake": {
        "agreed": """
            attachment_ids confirmed_attachment_ids confirmed_by confirmed_how
            confirmed_note confirmed_on date document_id frame_id note order_id
            user_id
        """,
        "system": """
            approval_round approval_state company_id contract_no form_code
            form_version name party_ids partner_name previous_id refused_content
            state submitted_by_id submitted_on team_id void_reason
        """,
    },
    "contract.intake.line": {
        "agreed": """
            note result
        """,
        "system": """
            company_id intake_id key name order_text sequence value
        """,
    },
    "contract.release": {
        "system": """
            company_id content contract_no date date_deadline delivery_text
            department_text form_code form_version frame_id goods_text intake_id
            name note order_id partner_name reader_ids state team_id user_id
            void_reason
        """,
    },
    "contract.briefing": {
        "agreed": """
            date frame_id note order_id template_id user_id
        """,
        "system": """
            company_id contract_no form_code form_version name partner_name
            reagreement_id replaces_id sent_on state team_id void_reason
        """,
    },
    "contract.briefing.part": {
        "agreed": """
            briefing_id date_deadline department_id note show_clauses show_dates
            show_goods show_payment user_ids with_prices
        """,
        "system": """
            change_text clauses_text common_text company_id dates_text frame_id
            goods_text order_id payment_text price_text reader_ids state
        """,
    },
    "contract.warning": {
        "system": """
            amount company_id currency_id data date dismissed_by_id dismissed_on
            dismissed_reason expected_date found_on frame_id gone_on key kind mark
            order_id state team_id term_id user_id
        """,
    },
    "stock.picking": {
        "system": """
            contract_documents_date contract_documents_kind
        """,
        "free": {
            "contract_bl_date": "each change is dated in the history",
            "contract_bl_number": "each change is dated in the history",
            "contract_arrival_date": "each change is dated in the history",
            "contract_carrier_id": "each change is dated in the history",
            "contract_tracking_ref": "each change is dated in the history",
            "contract_transit_date": "each change is dated in the history",
            "contract_receipt_attachment_ids": "files are added; those that are there "
            "stay",
            "contract_receipt_date": "each change is dated in the history",
            "contract_receipt_filed": "the paper came back; the evidence is its scan",
        },
    },
}
# Settings and lists that documents choose from: what a document needs of them it
# keeps itself, as of its day. A file's mark has its own guard (test_trust_files).
SETTINGS = """
    contract.approval.rule contract.approval.rule.line contract.briefing.template
    contract.archive.category contract.briefing.template.line
    contract.checklist.template contract.signatory
    contract.checklist.template.line contract.delegation contract.department
    contract.approval.rule contract.approval.rule.line contract.checklist.template
    contract.checklist.template.line contract.checklist.option contract.clause
    contract.delegation contract.department
    contract.deviation.cause contract.deviation.recommendation contract.deviation.rule
    contract.deviation.rule.band contract.document.type contract.event.type
    contract.form.type contract.gate contract.gate.rule contract.instrument
    contract.plan.template contract.plan.template.line
    contract.risk.reason contract.warning.rule
    contract.schedule.template
    contract.schedule.template.line ir.attachment res.company res.currency res.partner
    res.users
"""

# Where any other value is no possible one.
VALUES = {("contract.checklist.line", "answer"): False}


class Undo(Exception):
    """Takes back what was written."""


class EvidenceCase(DeviationCase):
    """A record of each model of evidence, and the most powerful user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the most that somebody can be without being the superuser
        groups = (
            "contract_tracking.group_contract_manager",
            "contract_tracking.group_contract_business",
            "contract_tracking.group_contract_leader",
            "contract_tracking.group_contract_finance",
            "sales_team.group_sale_manager",
            "stock.group_stock_manager",
            "account.group_account_manager",
            "base.group_system",
        )
        cls.mighty = cls.new_user("ct_mighty", *groups)
        cls.file = cls.env["ir.attachment"].create({"name": "a.pdf", "raw": b"a"})
        cls.beside = cls.env["ir.attachment"].create({"name": "b.pdf", "raw": b"b"})
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.shop = cls.env["contract.department"].create(
            {"name": "Workshop", "head_id": cls.outsider.id}
        )
        cls.picking = cls.deliver(cls.order, "2026-09-20", pump=8)
        cls.invoiced = cls.invoice(cls.order, "2026-09-21")
        cls.add_documents(cls.order)
        cls.records = {}

    def frozen(self):
        """A record of each model, as far as it gets: ``{model: record}``."""
        order = self.order
        milestone = self.env["contract.term"].create(
            {
                "order_id": order.id,
                "kind": "milestone",
                "name": "Drawings",
                "due_mode": "date",
                "date_fixed": "2026-10-01",
                "user_id": self.owner.id,
                "department_id": self.shop.id,
            }
        )
        self.assertTrue(milestone.stamped)
        records = [
            *self.frozen_facts(),
            milestone,
            self.event,
            self.last_row(order),
            *self.frozen_delivery(),
            self.frozen_exception(),
            *self.frozen_paper(),
            *self.frozen_deviation(),
            *self.frozen_coordination(),
            *self.frozen_statement(),
            *self.frozen_reagreement(),
            *self.frozen_change(),
            *self.frozen_termination(),
            *self.frozen_plan(),
            *self.frozen_review(),
            *self.frozen_risk(),
            *self.frozen_settlement(),
            *self.frozen_money(),
            *self.frozen_month(),
            *self.frozen_before(),
            *self.frozen_archive(),
            self.frozen_workbook(),
        ]
        self.record.action_confirm()
        frame = self.new_frame(
            self.seller,
            client_ref="PO-1",
            signing_date="2026-01-02",
            signatory="Chen",
            customer_signatory="Wu",
            supervisor_id=self.supervisor.id,
        )
        records += [self.record, self.record.line_ids[:1], frame, frame.line_ids[:1]]
        return {record._name: record.ensure_one() for record in records}

    def frozen_facts(self):
        """An empty fact may be filled in: here is none."""
        names = [{"name": "Chen"}, {"name": "Else"}]
        self.env["contract.signatory"].create(names)
        self.order.write(
            {
                "contract_type": "new",
                "contract_buyer_id": self.partner.id,
                "contract_signing_date": "2026-09-01",
                "contract_our_seal_date": "2026-09-01",
                "contract_customer_seal_date": "2026-09-02",
                "contract_signatory": "Chen",
                "contract_customer_signatory": "Wu",
                "contract_end_date": "2027-09-01",
                "contract_opening_date": "2026-08-31",
                "contract_opening_invoiced": 10,
                "contract_opening_received": 5,
                "contract_fulfilment": "dispatch",
                "contract_deemed_days": 30,
                "contract_predecessor_id": self.new_order().id,
                "contract_frame_id": self.new_frame(self.seller).id,
                "contract_call_off_date": "2026-08-30",
            }
        )
        self.order.order_line.contract_opening_quantity = 1
        return self.order, self.order.order_line

    def frozen_delivery(self):
        self.picking.write(
            {
                "contract_receipt_date": "2026-09-24",
                "contract_bl_date": "2026-09-21",
                "contract_bl_number": "BL-1",
                "contract_receipt_attachment_ids": [Command.link(self.file.id)],
            }
        )
        self.picking.move_ids.write(
            {"contract_rejected_quantity": 1, "contract_rejection_reason": "Broken"}
        )
        return self.picking, self.picking.move_ids

    def frozen_exception(self):
        """Something went wrong on the way, was handled and closed."""
        record = self.env["contract.logistics.exception"].create(
            {
                "picking_id": self.picking.id,
                "description": "Wet",
                "seen_on": "2026-09-22 02:00:00",
                "move_id": self.picking.move_ids.id,
                "quantity": 1,
                "attachment_ids": [Command.create({"name": "wet.jpg", "raw": b"wet"})],
            }
        )
        record._handle("Told the carrier")
        record._close("Paid")
        return record

    def frozen_paper(self):
        self.document._ask_readers(self.owner)
        self.document.with_user(self.owner).action_acknowledge()
        question = self.env.ref("contract_tracking.checklist_papers_contract_line")
        answer = self.env["contract.checklist.line"].create(
            {
                "res_model": "sale.order",
                "res_id": self.order.id,
                "template_line_id": question.id,
                "answer": "na",
                "note": "Signed on the platform",
            }
        )
        return self.document, self.document.sudo().acknowledgement_ids, answer

    def frozen_deviation(self):
        deviation = self.decided(attachment_ids=[Command.link(self.file.id)])
        action = self.add_action(deviation)
        self.step(action, "done", self.outsider)
        self.step(deviation, "report", self.seller)
        return deviation, deviation.sudo().step_ids, action

    def frozen_coordination(self):
        document = self.env["contract.coordination"].create(
            {
                "order_id": self.order.id,
                "user_id": self.seller.id,
                "subject": "Pumps are late",
                "reply_date": self.company._contract_today(),
                "reply_ids": [
                    Command.create(
                        {"kind": "department", "department_id": self.shop.id}
                    )
                ],
            }
        )
        document.action_send()
        line = document.reply_ids
        line.with_user(self.outsider)._reply("Friday", self.env["ir.attachment"])
        document.outcome = "On Friday."
        document.with_user(self.seller).action_close()
        return document, line

    def frozen_workbook(self):
        return guarded(
            unguarded(self.env["contract.monthly.workbook"]).create(
                {"name": "October.xlsx", "user_id": self.env.uid}
            )
        )

    def frozen_before(self):
        """An original, papers that were accepted, an order that was checked and
        released, a briefing."""
        order = self.order
        self.company.write(
            {
                "contract_papers_department_id": self.shop.id,
                "contract_intake_department_id": self.shop.id,
            }
        )
        original = self.env["contract.counterpart"].create(
            {"order_id": order.id, "date": "2026-09-02", "user_id": self.seller.id}
        )
        order.with_user(self.seller).action_contract_hand_papers()
        papers = order.contract_handover_ids
        papers.with_user(self.seller).action_submit()
        papers.with_user(self.outsider).action_accept()
        intake = (
            self.env["contract.intake"]
            .with_user(self.seller)
            .create(
                {
                    "order_id": order.id,
                    "attachment_ids": [
                        Command.create({"name": "order.pdf", "raw": b"order"})
                    ],
                    "confirmed_by": "Wu",
                    "confirmed_on": "2026-09-02",
                    "confirmed_how": "mail",
                    "confirmed_attachment_ids": [
                        Command.create({"name": "mail.eml", "raw": b"mail"})
                    ],
                }
            )
        )
        intake.action_submit()
        theirs = intake.with_user(self.outsider)
        theirs.action_all_right()
        theirs.action_approve()
        theirs.action_release()
        briefing = self.env["contract.briefing"].create(
            {
                "order_id": order.id,
                "part_ids": [Command.create({"department_id": self.shop.id})],
            }
        )
        briefing.action_send()
        return (
            original,
            papers,
            intake.sudo(),
            intake.sudo().line_ids[:1],
            intake.sudo().release_ids,
            briefing,
            briefing.part_ids,
        )

    def frozen_archive(self):
        """Files that are kept, a loan that came back, archives that were destroyed,
        and who opened them."""
        department = self.env["contract.department"].create(
            {"name": "Archive", "head_id": self.outsider.id}
        )
        self.company.contract_archive_department_id = department
        orders = [self.new_role_contract(template=None) for _number in range(2)]
        for order in orders:
            order._contract_set_state("completed")
        kept, gone = (order._contract_open_archive() for order in orders)
        for archive in kept + gone:
            archive.sudo()._missing_lines().write({"answer": "na", "note": "Lost"})
            guarded(archive).with_user(self.seller).action_submit()
            guarded(archive).with_user(self.outsider).action_accept()
        loan = (
            self.env["contract.archive.loan"]
            .with_user(self.outsider)
            .create(
                {
                    "archive_id": kept.id,
                    "purpose": "Claim",
                    "wanted": "Pumps",
                    "date_due": "2099-01-01",
                }
            )
        )
        loan.action_hand_out()
        loan.action_take_back()
        unguarded(gone).retained_until = "2026-01-01"
        disposal = self.env["contract.archive.disposal"].with_user(self.outsider)
        disposal = disposal._propose(guarded(gone).with_user(self.outsider))
        today = self.company._contract_today()
        unguarded(disposal.sudo()).write(
            {
                "reason": "Over",
                "method": "burn",
                "destroyed_on": today,
                "witness": "Wu",
                "state": "approved",
            }
        )
        disposal.action_carry_out()
        kept = guarded(kept)
        kept.with_user(self.leader)._opened("zip", always=True)
        return kept, loan, disposal, kept.sudo().opening_ids

    def frozen_statement(self):
        statement = self.env["contract.statement"].create(
            {"partner_id": self.partner.id, "date_from": "2026-09-01"}
        )
        statement.action_mark_sent()
        statement.attachment_ids = [
            Command.create({"name": "sealed.pdf", "raw": b"seal"})
        ]
        statement.action_confirm()
        return statement, statement.line_ids[:1]

    def frozen_termination(self):
        """Submitted, with a line of each kind."""
        rules = self.env["contract.approval.rule"]
        rules.search([("kind", "=", "termination")]).active = False
        self.rule.copy({"kind": "termination", "name": "Leader"})
        with freeze_time("2026-09-25 02:00:00"):
            record = (
                self.env["contract.termination"]
                .with_user(self.seller)
                .create(
                    {
                        "order_id": self.order.id,
                        "basis": "agreed",
                        "date": "2026-09-25",
                        "date_from": "2026-09-25",
                        "reason": "The plant is not built.",
                        "penalty_ids": [
                            Command.create({"name": "Clause 9", "amount": 50})
                        ],
                    }
                )
            )
            record.action_submit()
        record = record.with_env(self.env)
        return record, record.penalty_ids, record.delivery_ids[:1]

    def frozen_reagreement(self):
        self.env["contract.approval.rule"].search(
            [("kind", "=", "reagreement")]
        ).active = False
        self.rule.copy({"kind": "reagreement", "name": "Leader"})
        supplement = self.env.ref("contract_tracking.document_type_supplement")
        paper = self.document.copy(
            {
                "type_id": supplement.id,
                "attachment_ids": [Command.link(self.file.id)],
            }
        )
        term = self.order.contract_term_ids.filtered("line_id")
        with freeze_time("2026-09-25 02:00:00"):
            record = (
                self.env["contract.reagreement"]
                .with_user(self.seller)
                .create(
                    {
                        "order_id": self.order.id,
                        "document_id": paper.id,
                        "date": "2026-09-25",
                        "date_from": "2026-09-25",
                        "line_ids": [
                            Command.create(
                                {
                                    "action": "change",
                                    "term_id": term.id,
                                    "date_fixed": "2026-10-20",
                                }
                            )
                        ],
                    }
                )
            )
            record.action_submit()
            record.with_user(self.leader).action_approve()
        return record, record.line_ids

    def frozen_change(self):
        """Submitted, with a term."""
        self.env["contract.approval.rule"].search(
            [("kind", "=", "change")]
        ).active = False
        self.rule.copy({"kind": "change", "name": "Leader"})
        with freeze_time("2026-09-25 02:00:00"):
            change = (
                self.env["contract.change"]
                .with_user(self.seller)
                .create(
                    {
                        "order_id": self.order.id,
                        "wish": "Later",
                        "reason": "The site isn't ready",
                        "change_dates": True,
                        "line_ids": [
                            Command.create(
                                {
                                    "term_id": self.order.contract_term_ids[:1].id,
                                    "note": "Later",
                                }
                            )
                        ],
                    }
                )
            )
            change.action_submit()
        return change, change.line_ids

    def frozen_plan(self):
        """Agreed, with a task and a risk."""
        department = self.env["contract.department"].create({"name": "Foundry"})
        with freeze_time("2026-09-25 02:00:00"):
            plan = (
                self.env["contract.plan"]
                .with_user(self.seller)
                .create(
                    {
                        "order_id": self.order.id,
                        "line_ids": [
                            Command.create(
                                {
                                    "name": "Casting",
                                    "user_id": self.seller.id,
                                    "department_id": department.id,
                                    "date_planned": "2026-09-28",
                                    "weight": 100,
                                }
                            )
                        ],
                        "risk_ids": [Command.create({"name": "Sand"})],
                    }
                )
            )
            plan.action_submit()
            while plan.approval_state == "pending":
                plan.with_user(plan.sudo().approver_ids[:1]).action_approve()
        return plan, plan.line_ids, plan.risk_ids

    def frozen_review(self):
        """Submitted, before anybody gave his opinion."""
        self.env["contract.approval.rule"].search(
            [("kind", "=", "review")]
        ).active = False
        self.rule.copy({"kind": "review", "name": "Leader"})
        with freeze_time("2026-09-25 02:00:00"):
            review = (
                self.env["contract.review"]
                .with_user(self.seller)
                .create(
                    {
                        "order_id": self.order.id,
                        "note": "The first one",
                        "security": "A guarantee",
                        "attachment_ids": [Command.link(self.file.id)],
                    }
                )
            )
            review.action_submit()
        return review, review.review_term_ids[:1]

    def frozen_settlement(self):
        """Submitted, before it was confirmed."""
        order = self.new_contract(
            "2026-09-01",
            user_id=self.seller.id,
            team_id=self.team.id,
            contract_term_ids=[
                Command.create(
                    {
                        "kind": "payment",
                        "name": "All",
                        "percent": 100,
                        "due_mode": "date",
                        "date_fixed": "2026-11-01",
                    }
                )
            ],
        )
        with freeze_time("2026-09-25 02:00:00"):
            order.contract_term_ids.filtered(
                lambda term: term.kind == "delivery"
            ).with_user(self.business)._waive("Given up")
            settlement = (
                self.env["contract.settlement"]
                .with_user(self.seller)
                .create(
                    {
                        "order_id": order.id,
                        "kind": "termination",
                        "balance_reason": "set_off",
                        "balance_note": "Against his claim",
                        "deduction_ids": [
                            Command.create({"amount": 1, "basis": "Late"})
                        ],
                    }
                )
            )
            settlement.action_submit()
        return (
            settlement,
            settlement.line_ids[:1],
            settlement.payment_ids[:1],
            settlement.deduction_ids,
        )

    def frozen_risk(self):
        """Approved, under a condition, and used."""
        self.env["contract.approval.rule"].search(
            [("kind", "=", "risk_shipment")]
        ).active = False
        self.rule.copy({"kind": "risk_shipment", "name": "Leader"})
        self.env.ref("contract_tracking.gate_rule_delivery_money").action = "hold"
        terms = self.order.contract_term_ids.filtered(
            lambda t: t.kind == "payment" and not t.valid_to
        )
        unguarded(terms).write({"precedes": "shipment"})
        with freeze_time("2026-09-25 02:00:00"):
            mine = self.order.with_user(self.seller)
            action = mine.action_contract_apply_risk()
            record = self.env["contract.risk.shipment"].browse(action["res_id"])
            record.with_user(self.seller).write(
                {
                    "reason_id": self.env.ref(
                        "contract_tracking.risk_reason_trusted"
                    ).id,
                    "reason": "He always pays.",
                    "slip_seen": True,
                    "attachment_ids": [Command.link(self.file.id)],
                }
            )
            record.with_user(self.seller).action_submit()
            leader = record.with_user(self.leader)
            leader._set_limits(
                record.amount, record.date_until, {}, ["A letter of guarantee"]
            )
            leader.action_approve()
        use = unguarded(self.env["contract.risk.use"]).create(
            {
                "application_id": record.id,
                "row_id": record.line_ids.id,
                "move_id": self.picking.move_ids.id,
                "quantity": 1,
            }
        )
        self.env.ref("contract_tracking.gate_rule_delivery_money").action = "off"
        warning = unguarded(self.env["contract.warning"]).create(
            {
                "order_id": self.order.id,
                "kind": "bill",
                "key": "payment:1",
                "found_on": "2026-09-13",
            }
        )
        return (
            guarded(warning),
            record,
            record.line_ids,
            record.repayment_ids,
            record.condition_ids,
            guarded(use),
        )

    def frozen_month(self):
        """A confirmed month, one of its contracts and of its bridge, its cut-off."""
        self.rule.copy({"kind": "monthly", "name": "Months"})
        with freeze_time("2026-10-02 02:00:00"):
            self.env["contract.monthly.record"]._generate(
                self.company, fields.Date.to_date("2026-09-01")
            )
            record = self.env["contract.monthly.record"].search(
                [("team_id", "=", self.team.id), ("month", "=", "2026-09-01")]
            )
            record.with_user(self.head).plan = "Deliver the rest."
            record.line_ids.with_user(self.head).plan_delivery = 1
            record.with_user(self.head).action_submit()
            record.with_user(self.leader).action_approve()
        self.assertEqual(record.state, "confirmed")
        return (
            record,
            record.line_ids[:1],
            record.bridge_ids[:1],
            self.env["contract.monthly.cutoff"].search(
                [("company_id", "=", self.company.id), ("month", "=", record.month)]
            ),
        )

    def frozen_money(self):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.partner.id,
                "amount": 100,
                "date": "2026-09-10",
                "contract_instrument_id": self.env["contract.instrument"]
                .search([("is_bill", "=", True)], limit=1)
                .id,
                "contract_bill_number": "B-1",
                "contract_bill_drawer": "Somebody",
                "contract_bill_maturity": "2026-10-10",
            }
        )
        payment.action_post()
        payment._contract_bill_outcome("honoured", fields.Date.to_date("2026-10-10"))
        claim = self.env["contract.payment.claim"].create(
            {"payment_id": payment.id, "order_id": self.order.id, "amount": 100}
        )
        return payment, claim


class TestTrustFields(EvidenceCase):
    """Tries them all, as the most powerful user and as the superuser."""

    def stored(self, model):
        """Names of the fields of ours that a model stores."""
        ours = self.env[model]._original_module == "contract_tracking"
        return {
            name
            for name, field in self.env[model]._fields.items()
            if field.store
            and field.type != "one2many"
            and (ours or name.startswith("contract_"))
            and name not in MAGIC_COLUMNS
            and not is_mail(name)
        }

    def other(self, record, fname):
        """A value that differs from that of a field."""
        field, value = record._fields[fname], record[fname]
        if (record._name, fname) in VALUES:
            return VALUES[record._name, fname]
        free = FIELDS[record._name].get("free", ())
        if fname in free and field.comodel_name == "ir.attachment":
            return [Command.link(self.beside.id)]
        match field.type:
            case "char" | "text" | "html":
                return "Something else"
            case "integer" | "many2one_reference" | "float" | "monetary":
                return (value or 0) + 1
            case "date":
                return "2026-09-23"
            case "datetime":
                return "2026-09-23 02:00:00"
            case "boolean":
                return not value
            case "json":
                return {"else": 1}
            case "binary":
                return "RWxzZQ=="
            case "selection":
                return next(k for k in field.get_values(self.env) if k != value)
            case "many2many" if value:
                return [Command.clear()]
            case "many2many":
                found = self.env[field.comodel_name].search([], limit=1)
                return [Command.set(found.ids)]
        found = self.env[field.comodel_name].search([("id", "!=", value.id)], limit=1)
        return found.id

    def refused(self, record, fname, value):
        """Why a value can't be written, as a sentence; False if it can. Nothing stays
        written."""
        try:
            with mute_logger(*RULES), self.env.cr.savepoint():
                record.write({fname: value})
                record.flush_recordset()
                raise Undo
        except Undo:
            return False
        except UserError as error:
            return str(error)
        finally:
            self.env.invalidate_all()

    # ------------------------------------------------------------------

    def test_the_list_is_complete(self):
        for model, kinds in FIELDS.items():
            names = [name for kind in kinds.values() for name in names_of(kind)]
            with self.subTest(model=model):
                self.assertEqual(sorted(names), sorted(self.stored(model)))
                self.assertLessEqual(kinds.keys(), {"agreed", "system", "free"})
                self.assertTrue(all(kinds.get("free", {1: 1}).values()), "reasons")
        for model, cls in self.env.registry.items():
            if cls._abstract or cls._transient or not cls._auto or model in FIELDS:
                continue
            if self.stored(model):
                self.assertIn(model, SETTINGS.split())

    def test_each_field(self):
        frozen = self.frozen()
        self.assertEqual(frozen.keys(), FIELDS.keys())
        for model, record in frozen.items():
            for kind, names in FIELDS[model].items():
                for fname in sorted(names_of(names)):
                    value = self.other(record, fname)
                    for writer in (
                        record.with_user(self.mighty).sudo(False),
                        record.sudo(),
                    ):
                        with self.subTest(
                            model=model, field=fname, kind=kind, su=writer.env.su
                        ):
                            refused = self.refused(writer, fname, value)
                            self.assertEqual(not refused, kind == "free", refused)

    def test_free_is_for_who_may_write_the_document(self):
        for model, record in self.frozen().items():
            for fname in FIELDS[model].get("free", ()):
                for user in (self.rival, self.employee, self.portal):
                    with self.subTest(model=model, field=fname, user=user.login):
                        value = self.other(record, fname)
                        writer = record.with_user(user).sudo(False)
                        self.assertTrue(self.refused(writer, fname, value))

    def test_stamped_terms_stay_in_their_company(self):
        term = self.order.contract_term_ids[:1]
        dollar = self.env.ref("base.EUR")
        for writer in (term.with_user(self.mighty), term.sudo()):
            for vals in (
                {"currency_id": dollar.id},
                {"company_id": self.elsewhere.id},
                {"company_id": False},
                {"template_line_id": False, "progress": 1},
            ):
                with self.subTest(vals=vals):
                    self.assertTrue(self.refused(writer, *next(iter(vals.items()))))
        self.assertEqual(term.company_id, self.order.company_id)

    def test_reason_of_a_rejection_is_dated(self):
        self.frozen_delivery()
        self.picking.move_ids.contract_rejection_reason = "Scratched"
        row = self.last_row(self.order)
        self.assertEqual((row.new_value, row.reason), ("1", "Scratched"))

    def test_acceptance_is_deemed_once(self):
        event = self.env["contract.event"].create(
            {
                "order_id": self.order.id,
                "type_id": self.env.ref("contract_tracking.event_type_acceptance").id,
                "date": "2026-09-25",
            }
        )
        self.assertTrue(self.refused(event, "deemed", True))
        self.assertFalse(self.refused(event, "deemed", False), "as it is")


def names_of(kind):
    return kind.split() if isinstance(kind, str) else list(kind)
