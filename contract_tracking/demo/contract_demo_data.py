"""The contracts of the demo and what happened to them, as tables.

Every day is a number of days from today (negative: past), so that the demo never
ages. ``story`` holds the steps of a contract, ``(day, step, what it needs)``: a step
is the method ``_step_<step>`` of ``contract.demo``. The steps of all contracts are
taken in the order of their days, as in life. Products, users, partners and the like
are named by their external id without its ``demo_<model>_``, payment terms by theirs.
"""


def payment(name, kind, share, event=None, delay=0, **values):
    return {
        "kind": "payment", "name": name, "payment_kind": kind, "percent": share,
        "event": event, "delay": delay, **values,
    }  # fmt: skip


def delivery(product, quantity, day):
    return {"kind": "delivery", "product": product, "quantity": quantity, "day": day}


def milestone(name, user, department, day, with_customer=False):
    return {
        "kind": "milestone", "name": name, "user": user, "department": department,
        "day": day, "with_customer": with_customer,
    }  # fmt: skip


# fmt: off
CONTRACTS = [
    {  # 01 A plant as it should run: deposit, works test, shipment, commissioning
        "key": "01", "partner": "qianjiang", "consignee": "qianjiang_site",
        "seller": "sales", "signed": -95, "promised": -28,
        "template": "30_60_10", "reference": "QJSW-P-0417",
        "signatory": "Qian Wenbo 钱文博",
        "lines": [("cp200", 6), ("cc01", 2), ("gv150", 20), ("install", 8)],
        "terms": [
            delivery("install", 8, 5),
            milestone("Drawings approved by the customer", "service", "service", -75,
                      True),
            milestone("Factory acceptance test 出厂验收", "production", "production",
                      -40, True),
            milestone("Commissioning finished 调试完成", "service", "service", 16),
            {"kind": "clause", "name": "Warranty 12 months after acceptance",
             "event": "acceptance", "delay": 12, "delay_unit": "month"},
            {"kind": "document", "name": "Operating manuals, Chinese, 3 sets",
             "day": -20},
        ],
        "story": [
            (-94, "file", {"kind": "signed", "name": "Signed contract"}),
            (-92, "advance", {"share": 30}),
            (-90, "pay", {}),
            (-80, "record", {}),
            (-78, "event", {"kind": "drawings", "note": "Drawing set C signed by the "
                            "customer's engineer."}),
            (-78, "done", {"term": "Drawings approved"}),
            (-50, "record", {}),
            (-38, "advance", {"share": 60}),
            (-37, "done", {"term": "Factory acceptance"}),
            (-36, "event", {"kind": "goods_ready", "note": "Notice of readiness "
                            "BT-0612, received by Mr. Qian."}),
            (-36, "pay", {}),
            (-30, "deliver", {"cp200": 6, "cc01": 2, "gv150": 20}),
            (-29, "invoice", {}),
            (-26, "receive", {}),
            (-26, "event", {"kind": "receipt", "note": "Goods checked and signed for "
                            "on site, no damage."}),
            (-21, "done", {"term": "Operating manuals"}),
            (-20, "record", {"coordination": "After-sales sent two engineers to "
                             "Linping."}),
            (-10, "serve", {"install": 5}),
            (-3, "done", {"term": "Commissioning", "progress": 60}),
        ],
    },
    {  # 02 Late on both sides: split delivery short, valves overdue, balance half paid
        "key": "02", "partner": "taihu", "seller": "sales", "signed": -100,
        "promised": 6, "template": "30_70_delivery", "reference": "TH-2-118",
        "signatory": "Shen Jun 沈俊",
        "payment_term": "account.account_payment_term_30days",
        "lines": [("cp200", 10), ("gv150", 30), ("seal", 20)],
        "terms": [
            delivery("cp200", 4, -60),
            delivery("cp200", 6, -12),
            delivery("gv150", 30, -12),
        ],
        "story": [
            (-98, "file", {"kind": "signed", "name": "Signed contract"}),
            (-96, "advance", {"share": 30}),
            (-86, "pay", {}),
            (-57, "deliver", {"cp200": 4}),
            (-56, "receive", {"cp200": 1, "reason":
                             "Flange of one pump bent in transport"}),
            (-56, "record", {"coordination": "Production explained the delay: bearing "
                             "housings came late from the foundry.",
                             "content": "Production: keep the next date."}),
            (-55, "invoice", {"deduct": False}),
            (-25, "record", {"coordination": "Phoned Mr. Shen: the payment is being "
                             "prepared.",
                             "content": "Finance: send a statement of account."}),
            (-24, "statement", {"answered": -17, "owes": 216960, "note": "We book the "
                                "down payment as a prepayment until the last batch: "
                                "the whole first invoice is payable."}),
            (-20, "pay", {"amount": 100000}),
            (-19, "void_record", {"reason": "The customer's answer was misunderstood: "
                                  "he pays in two parts.",
                                  "coordination": "Mr. Shen pays 100,000 now, the rest "
                                  "after the second batch."}),
            (-9, "deliver", {"cp200": 3}),
            (-8, "file", {"kind": "minutes", "name": "Minutes: recovery plan for "
                          "the valves"}),
            (0, "propose", {}),
        ],
    },
    {  # 03 Fresh and on track; the paper with both seals is not back yet
        "key": "03", "partner": "pengcheng", "seller": "sales2", "signed": -12,
        "promised": 20, "template": "full_before", "reference": "PC-JD-88",
        "signatory": "Luo Yi 罗毅",
        "supervisor": "production",
        "lines": [("mp500", 2), ("cc01", 1)],
        "terms": [
            milestone("Production finished 生产完成", "production", "production", 4),
        ],
        "story": [
            (-11, "record", {}),
            (-2, "done", {"term": "Production finished", "progress": 70}),
        ],
    },
    {  # 04 Export in EUR: B/L, exchange difference, bank charges written off
        "key": "04", "partner": "rheintal", "seller": "overseas", "signed": -85,
        "promised": -25, "template": "deposit_bl", "reference": "PO-RT-4711",
        "fulfilment": "bl",
        "signatory": "K. Brandauer",
        "lines": [("sp80", 12), ("cv100", 8)],
        "terms": [
            {"kind": "document", "name": "Certificate of origin, packing list, B/L",
             "event": "bl", "delay": 10},
            {"kind": "clause", "name": "Warranty ends", "day": 340},
        ],
        "story": [
            (-84, "advance", {"share": 30}),
            (-83, "file", {"kind": "signed", "name": "Signed contract"}),
            (-80, "pay", {}),
            (-27, "deliver", {"sp80": 12, "cv100": 8}),
            (-27, "invoice", {}),
            (-24, "receive", {"bl": "SHA-HAM 220417", "filed": False}),
            (-24, "event", {"kind": "bl", "note": "B/L SHA-HAM 220417, on board."}),
            (-18, "pay", {"write_off": 45}),
            (-17, "release", {"kind": "telex"}),
            (-16, "done", {"term": "Certificate of origin"}),
            (-10, "record", {}),
        ],
    },
    {  # 05 Suspended: the customer's letter of credit is overdue
        "key": "05", "partner": "crescent", "seller": "overseas", "signed": -70,
        "promised": 25, "reference": "GCD/22/0093", "signatory": "F. Al Mansoor",
        "lines": [("mp500", 4), ("training", 5)],
        "terms": [
            payment("Deposit 20 % T/T", "deposit", 20, day=-60),
            payment("70 % L/C at sight", "balance", 70, "bl", 5),
            payment("10 % after acceptance", "acceptance", 10, "acceptance", 30),
            {"kind": "document", "name": "Irrevocable L/C from the customer",
             "day": -30},
            milestone("Test with the customer's inspector", "production", "production",
                      10, True),
            delivery("training", 5, 60),
        ],
        "story": [
            (-69, "file", {"kind": "signed", "name": "Signed contract"}),
            (-68, "advance", {"share": 20}),
            (-62, "pay", {"short": 25}),
            (-40, "record", {}),
            (-15, "state", {"step": "suspend", "reason": "The customer has not opened "
                            "the L/C; production stops until it is there."}),
            (0, "propose", {}),
        ],
    },
    {  # 06 Call-off order, monthly settlement, goods sent back, a delivery waived
        "key": "06", "partner": "jinling", "seller": "sales", "signed": -140,
        "promised": -100, "kind": "call_off", "template": "monthly_60",
        "reference": "YH-0031", "signatory": "Gu Ping 顾萍", "frame": "spares",
        "payment_term": "contract_tracking.demo_payment_term_monthly",
        "lines": [("seal", 60), ("impeller", 10)],
        "terms": [
            delivery("seal", 20, -120),
            delivery("seal", 20, -100),
            delivery("seal", 20, 12),
        ],
        "story": [
            (-138, "file", {"kind": "call_off", "name": "Call-off order by fax"}),
            (-121, "deliver", {"seal": 20}),
            (-118, "invoice", {}),
            (-105, "deliver", {"seal": 20, "impeller": 10}),
            (-103, "invoice", {}),
            (-97, "send_back", {"impeller": 2}),
            (-94, "invoice", {}),
            (-90, "waive", {"term": "Impeller", "reason": "Casting defect: 2 impellers "
                            "credited, the customer wants no replacement."}),
            (-40, "pay", {"amount": 20000}),
            (-30, "pay", {}),
        ],
    },
    {  # 07 Completed: paid to the last retention
        "key": "07", "partner": "lingnan", "seller": "sales2", "signed": -440,
        "promised": -378, "template": "30_60_10", "reference": "LN-ZB-15",
        "signatory": "Tan Hui 谭辉",
        "lines": [("cp200", 3), ("seal", 6), ("install", 3)],
        "story": [
            (-438, "file", {"kind": "signed", "name": "Signed contract"}),
            (-438, "advance", {"share": 30}),
            (-436, "pay", {}),
            (-394, "advance", {"share": 60}),
            (-392, "event", {"kind": "goods_ready", "note": "Notice of readiness "
                             "BT-0488."}),
            (-388, "pay", {}),
            (-385, "deliver", {"cp200": 3, "seal": 6}),
            (-380, "serve", {"install": 3}),
            (-379, "invoice", {}),
            (-375, "event", {"kind": "acceptance", "note": "Acceptance report signed "
                             "by both sides after 72 hours of running."}),
            (-374, "file", {"kind": "acceptance", "name": "Acceptance report"}),
            (-12, "pay", {}),
            (-8, "state", {"step": "complete"}),
        ],
    },
    {  # 08 Renewal of 07: spare parts and maintenance of the year
        "key": "08", "renews": "07", "partner": "lingnan", "seller": "sales2",
        "signed": -45, "promised": -20, "ends": 320, "template": "net_30",
        "reference": "LN-ZB-27", "signatory": "Tan Hui 谭辉",
        "payment_term": "account.account_payment_term_30days",
        "lines": [("seal", 12), ("impeller", 4), ("install", 6)],
        "terms": [delivery("install", 6, 90)],
        "story": [
            (-43, "file", {"kind": "signed", "name": "Signed contract"}),
            (-22, "deliver", {"seal": 12, "impeller": 4}),
            (-21, "invoice", {}),
            (-15, "record", {}),
            (-5, "serve", {"install": 2}),
            (-1, "statement", {}),
        ],
    },
    {  # 09 Ran before it was kept here: joined by hand, with opening figures
        "key": "09", "partner": "jiangcheng", "seller": "office", "signed": -300,
        "promised": 30, "reference": "JCG-5-002", "signatory": "He Zhong 贺忠",
        "payment_term": "account.account_payment_term_45days",
        "lines": [("mp500", 8)],
        "terms": [
            delivery("mp500", 5, -175),
            delivery("mp500", 2, -65),
            delivery("mp500", 1, 30),
            payment("45 days after each delivery", "settlement", 100, "dispatch", 45,
                    each=True),
        ],
        "opening": {"day": -180, "delivered": {"mp500": 5}},
        "story": [
            (-70, "deliver", {"mp500": 2}),
            (-68, "invoice", {}),
            (-21, "pay", {}),
            (-14, "record", {}),
        ],
    },
    {  # 10 Terminated and settled: the deposit is refunded in part
        "key": "10", "partner": "nanhai", "seller": "sales2", "signed": -80,
        "promised": -30, "template": "30_70_delivery", "reference": "NH-CG-064",
        "signatory": "Liang Bo 梁波",
        "payment_term": "account.account_payment_term_30days",
        "lines": [("cp200", 4), ("cc01", 1)],
        "story": [
            (-79, "file", {"kind": "signed", "name": "Signed contract"}),
            (-78, "advance", {"share": 30}),
            (-74, "pay", {}),
            (-50, "deliver", {"cp200": 1}),
            (-27, "file", {"kind": "letter", "name": "Notice of termination"}),
            (-25, "state", {"step": "terminate", "reason": "The customer gave up the "
                            "kiln line; settled for the pump delivered."}),
            (-25, "stop_delivery", {}),
            (-24, "invoice", {}),
            (-20, "pay", {}),
            (-19, "waive", {"term": "", "reason": "Settled: the deposit pays the pump "
                            "delivered, the rest of it is refunded."}),
        ],
    },
    {  # 11 Cancelled before anything happened
        "key": "11", "partner": "songshan", "seller": "sales2", "signed": -40,
        "promised": 15, "template": "full_before", "reference": "SS-77",
        "signatory": "Mo Qing 莫清",
        "lines": [("sp80", 3)],
        "story": [
            (-33, "state", {"step": "cancel", "reason": "Signed twice by mistake; the "
                            "customer keeps the other contract."}),
        ],
    },
    {  # 12 Confirmed today, waits for the signature
        "key": "12", "partner": "ludao", "seller": "sales2", "ordered": 0,
        "promised": 40, "template": "30_70_delivery", "reference": "LD-S-19",
        "payment_term": "account.account_payment_term_30days",
        "lines": [("sp80", 5), ("cv100", 4)],
        "story": [],
    },
    {  # 13 Signed two days ago, confirmed today: the deposit is due soon
        "key": "13", "partner": "beilun", "seller": "sales", "signed": -2, "ordered": 0,
        "promised": 35, "kind": "order", "frame": "valves",
        "template": "30_70_delivery",
        "reference": "BL-GK-203", "signatory": "Fang Lei 方磊",
        "payment_term": "account.account_payment_term_30days",
        "lines": [("gv150", 40), ("cv100", 10)],
        "story": [(0, "file", {"kind": "signed", "name": "Signed product order"})],
    },
    {  # 14 In preparation: number drawn, schedule and split deliveries agreed
        "key": "14", "partner": "liangxi", "seller": "sales", "quotation": True,
        "promised": 60, "template": "30_60_10",
        "lines": [("cp200", 5), ("cc01", 2), ("training", 3)],
        "terms": [
            delivery("cp200", 2, 45),
            delivery("cp200", 3, 60),
        ],
        "story": [],
    },
    {  # 15 Services by hand, no schedule: judged by the instalments of its invoices
        "key": "15", "partner": "chaohu", "seller": "sales", "signed": -110,
        "promised": -70, "reference": "CH-FW-9",
        "payment_term": "contract_tracking.demo_payment_term_instalments",
        "signatory": "Ding Xue 丁雪",
        "supervisor": "service",
        "lines": [("install", 12), ("training", 10)],
        "terms": [delivery("training", 10, -15)],
        "story": [
            (-108, "file", {"kind": "signed", "name": "Signed service contract"}),
            (-75, "serve", {"install": 12}),
            (-72, "invoice", {}),
            (-40, "serve", {"training": 6}),
            (-40, "pay", {"amount": 12720}),
            (-38, "invoice", {}),
            (-5, "pay", {"number": 2, "amount": 4000}),
            (0, "propose", {}),
        ],
    },
    {  # 16 Export in USD: late delivery, price reduction, late payment, all met
        "key": "16", "partner": "andes", "seller": "overseas", "signed": -120,
        "promised": -80, "template": "net_30", "reference": "OC-55021",
        "signatory": "R. Fuenzalida",
        "payment_term": "account.account_payment_term_30days",
        "lines": [("sp80", 6), ("seal", 30)],
        "terms": [
            {"kind": "document", "name": "Certificate of conformity", "day": -70},
            {"kind": "clause", "name": "Inspection by a third party before shipment",
             "day": -85},
        ],
        "story": [
            (-118, "file", {"kind": "signed", "name": "Signed contract"}),
            (-90, "waive", {"term": "Inspection", "reason": "The customer renounced "
                            "the inspection by e-mail."}),
            (-75, "deliver", {"sp80": 6, "seal": 30}),
            (-74, "invoice", {}),
            (-72, "done", {"term": "Certificate of conformity"}),
            (-50, "reduce", {"amount": 1500,
                             "reason": "Price reduction for late delivery"}),
            (-35, "record", {"coordination": "Agreed on a price reduction of 1,500."}),
            (-30, "pay", {}),
        ],
    },
    {  # 17 Second call-off of the spare parts: delivered and paid
        "key": "17", "partner": "jinling", "seller": "sales", "signed": -75,
        "promised": -50, "kind": "call_off", "template": "monthly_60",
        "reference": "YH-0044", "signatory": "Gu Ping 顾萍", "frame": "spares",
        "payment_term": "contract_tracking.demo_payment_term_monthly",
        "lines": [("seal", 40)],
        "story": [
            (-74, "file", {"kind": "call_off", "name": "Call-off order by fax"}),
            (-55, "deliver", {"seal": 40}),
            (-54, "invoice", {}),
            (-6, "pay", {}),
        ],
    },
    {  # 18 Third call-off, a quotation: more than is left, and training not agreed
        "key": "18", "partner": "jinling", "seller": "sales", "quotation": True,
        "promised": 30, "kind": "call_off", "template": "monthly_60",
        "reference": "YH-0052", "frame": "spares",
        "lines": [("seal", 120), ("training", 1)],
        "story": [],
    },
    # Steps that wait for money, and who lets them be taken all the same
    {  # 19 Held: the deposit is late, the warehouse asked the owner
        "key": "19", "partner": "nanhu", "seller": "sales", "signed": -13,
        "promised": 2, "template": "30_70_delivery", "reference": "NH-YR-117",
        "signatory": "Pan Yun 潘云",
        "lines": [("cp200", 4), ("seal", 8)],
        "story": [
            (-12, "file", {"kind": "signed", "name": "Signed contract"}),
            (-11, "advance", {"share": 30}),
            (-1, "ask", {}),
        ],
    },
    {  # 20 Free: paid in full when the goods were ready
        "key": "20", "partner": "jianhu", "seller": "sales", "signed": -34,
        "promised": 1, "template": "full_before", "reference": "JH-SW-2209",
        "signatory": "Tao Jing 陶静",
        "lines": [("sp80", 6)],
        "story": [
            (-32, "file", {"kind": "signed", "name": "Signed contract"}),
            (-7, "advance", {"share": 100}),
            (-6, "event", {"kind": "goods_ready", "note": "Notice of readiness "
                           "BT-0655."}),
            (-3, "pay", {}),
        ],
    },
    {  # 21 Under way: the documents wait for the balance against copy of B/L
        "key": "21", "partner": "penang", "seller": "overseas", "signed": -62,
        "promised": -6, "template": "deposit_bl", "reference": "PSW-PO-3381",
        "fulfilment": "bl", "signatory": "Tan Wei Ming",
        "lines": [("sp80", 8), ("cv100", 4)],
        "story": [
            (-60, "file", {"kind": "signed", "name": "Signed contract"}),
            (-60, "advance", {"share": 30}),
            (-56, "pay", {}),
            (-12, "deliver", {"sp80": 8, "cv100": 4}),
            (-12, "invoice", {}),
            (-9, "receive", {"bl": "SHA-PEN 118035", "filed": False}),
            (-9, "event", {"kind": "bl", "note": "B/L SHA-PEN 118035, on board."}),
        ],
    },
    {  # 22 Not begun: a rule for this contract holds its supply until the deposit
        "key": "22", "partner": "xiangzhou", "seller": "sales2", "signed": -5,
        "promised": 45, "template": "30_60_10", "reference": "XZ-HD-06",
        "signatory": "Ou Jian 区健", "hold_supply": True,
        "lines": [("cp200", 8), ("cc01", 2)],
        "story": [
            (-4, "file", {"kind": "signed", "name": "Signed contract"}),
            (-4, "advance", {"share": 30}),
        ],
    },
    {  # 23 Application in preparation
        "key": "23", "partner": "dongjiang", "seller": "sales2", "signed": -26,
        "promised": 1, "template": "full_before", "reference": "DJ-DZ-540",
        "signatory": "Qiu Lan 丘兰",
        "lines": [("gv150", 40)],
        "story": [
            (-24, "file", {"kind": "signed", "name": "Signed contract"}),
            (-3, "event", {"kind": "goods_ready", "note": "Notice of readiness "
                           "BT-0661."}),
            (-1, "ask", {}),
            (0, "apply", {
                "reason": "holidays", "until": 9, "plan": [(24, 100)],
                "words": "The customer's finance closes for the holidays; his plant "
                         "needs the valves before. 客户财务放假在即，现场急需阀门。",
                "submit": False,
            }),
        ],
    },
    {  # 24 Being decided: the head of the office agreed, the business office is next
        "key": "24", "partner": "yuntai", "seller": "sales", "signed": -61,
        "promised": -1, "template": "30_60_10", "reference": "YT-SH-0902",
        "signatory": "Jiang Rui 江睿",
        "lines": [("mp500", 8)],
        "story": [
            (-60, "file", {"kind": "signed", "name": "Signed contract"}),
            (-60, "advance", {"share": 30}),
            (-55, "pay", {}),
            (-4, "event", {"kind": "goods_ready", "note": "Notice of readiness "
                           "BT-0659."}),
            (-2, "apply", {
                "reason": "bill", "until": 6, "plan": [(10, 100)],
                "words": "A bank acceptance bill over the second instalment is on its "
                         "way by courier. 60%货款银行承兑汇票已寄出。",
                "security": "Copy of the bill received by e-mail.",
                "measures": "Finance asks the bank about the bill before the goods "
                            "leave. 发货前由财务向承兑行查询票据。",
            }),
            (-1, "approve", {"user": "office", "comment": "Pays by bills for years."}),
        ],
    },
    {  # 25 Approved on the bank slip, nothing has left: a condition is to be confirmed
        "key": "25", "partner": "fengcheng", "seller": "sales", "signed": -48,
        "promised": 0, "template": "30_60_10", "reference": "FC-YY-77",
        "signatory": "Bian Yi 卞毅",
        "lines": [("cp200", 5), ("cc01", 1)],
        "story": [
            (-46, "file", {"kind": "signed", "name": "Signed contract"}),
            (-46, "advance", {"share": 30}),
            (-41, "pay", {}),
            (-3, "event", {"kind": "goods_ready", "note": "Notice of readiness "
                           "BT-0660."}),
            (-1, "apply", {
                "reason": "slip", "until": 1, "plan": [(1, 100)], "slip": True,
                "words": "Transferred yesterday before closing time; our bank books it "
                         "within two days. 客户已付款，见银行水单。",
            }),
            (-1, "approve", {
                "user": "office",
                "conditions": "Finance asked the customer's bank by phone "
                              "财务电话核实水单",
            }),
        ],
    },
    {  # 26 Less was approved than asked; part of it left, the money is promised
        "key": "26", "partner": "huanghai", "seller": "sales", "signed": -57,
        "promised": -4, "template": "30_60_10", "reference": "HH-RD-31",
        "signatory": "Yu Cheng 于成",
        "lines": [("cp200", 10)],
        "story": [
            (-55, "file", {"kind": "signed", "name": "Signed contract"}),
            (-55, "advance", {"share": 30}),
            (-50, "pay", {}),
            (-11, "event", {"kind": "goods_ready", "note": "Notice of readiness "
                            "BT-0641."}),
            (-9, "apply", {
                "reason": "trusted", "until": 12, "plan": [(6, 40), (21, 60)],
                "words": "The unit is overhauled this month; the payment runs through "
                         "the group's treasury and comes in two parts. "
                         "机组大修在即，货款由集团分两次支付。",
                "security": "Letter of undertaking of the parent company "
                            "母公司付款承诺函",
                "measures": "Ship in two lots; the second one after the first money.",
            }),
            (-8, "approve", {
                "user": "office", "lines": {"cp200": 6}, "until": 10,
                "comment": "Six for the first unit; the others when he has paid.",
                "conditions": "The letter of undertaking is here in the original "
                              "付款承诺函原件收到",
            }),
            (-7, "confirm", {"user": "business"}),
            (-6, "deliver", {"cp200": 4}),
            (-5, "invoice", {}),
        ],
    },
    {  # 27 Promised and not kept: the first repayment is overdue
        "key": "27", "partner": "qijiang", "seller": "sales2", "signed": -58,
        "promised": -26, "template": "full_before", "reference": "QJ-SP-118",
        "signatory": "Ruan Zhi 阮志",
        "lines": [("sp80", 5)],
        "story": [
            (-56, "file", {"kind": "signed", "name": "Signed contract"}),
            (-31, "event", {"kind": "goods_ready", "note": "Notice of readiness "
                            "BT-0622."}),
            (-28, "apply", {
                "reason": "trusted", "until": -14, "plan": [(-10, 50), (12, 50)],
                "words": "The season begins; he pays from the first sales, in halves. "
                         "生产旺季急用，客户承诺分两次付清。",
                "measures": "No further order before the first half is in.",
            }),
            (-27, "approve", {"user": "office2", "comment": "Once."}),
            (-26, "deliver", {"sp80": 5}),
            (-25, "invoice", {}),
            (-9, "pay", {"amount": 30000}),
        ],
    },
    {  # 28 Closed: left on risk, paid as promised
        "key": "28", "partner": "shouxihu", "seller": "sales", "signed": -70,
        "promised": -44, "template": "full_before", "reference": "SXH-PJ-12",
        "signatory": "Jing Hao 荆浩",
        "lines": [("cv100", 6)],
        "story": [
            (-68, "file", {"kind": "signed", "name": "Signed contract"}),
            (-48, "event", {"kind": "goods_ready", "note": "Notice of readiness "
                            "BT-0603."}),
            (-45, "apply", {
                "reason": "holidays", "until": -35, "plan": [(-25, 100)],
                "words": "The truck goes before the holidays, the money comes after "
                         "them. 节前抢发，节后付款。",
            }),
            (-44, "approve", {"user": "office"}),
            (-43, "deliver", {"cv100": 6}),
            (-42, "invoice", {}),
            (-27, "pay", {}),
            (-26, "follow_up", {}),
        ],
    },
    {  # 29 Refused: the goods wait for their money
        "key": "29", "partner": "chaoyang", "seller": "sales2", "signed": -33,
        "promised": -2, "template": "full_before", "reference": "CY-SJ-9",
        "signatory": "Ma Sheng 马胜",
        "lines": [("mp500", 2)],
        "story": [
            (-31, "file", {"kind": "signed", "name": "Signed contract"}),
            (-8, "event", {"kind": "goods_ready", "note": "Notice of readiness "
                           "BT-0648."}),
            (-5, "apply", {
                "reason": "other", "until": 10, "plan": [(25, 100)],
                "words": "New customer; he asks for the goods first and for open terms "
                         "afterwards. 新客户要求先发货后付款。",
            }),
            (-4, "refuse", {"user": "office2", "comment": "First business with him and "
                            "no security: he pays as agreed. "
                            "首单且无担保，款到发货。"}),
        ],
    },
    {  # 30 Revoked after a part had left
        "key": "30", "partner": "jiuzi", "seller": "sales", "signed": -50,
        "promised": -12, "template": "30_60_10", "reference": "JZ-KS-204",
        "signatory": "Wan Fu 万福",
        "lines": [("gv150", 60)],
        "story": [
            (-48, "file", {"kind": "signed", "name": "Signed contract"}),
            (-48, "advance", {"share": 30}),
            (-43, "pay", {}),
            (-18, "event", {"kind": "goods_ready", "note": "Notice of readiness "
                            "BT-0630."}),
            (-16, "apply", {
                "reason": "trusted", "until": 8, "plan": [(4, 100)],
                "words": "The mine changes its valves line by line and pays when the "
                         "last one is there. 矿山分线更换，最后一批到货后付款。",
            }),
            (-15, "approve", {"user": "office", "comment": "Line by line, not all."}),
            (-14, "deliver", {"gv150": 20}),
            (-13, "invoice", {}),
            (-8, "revoke", {"user": "business", "text": "A supplier had the customer's "
                            "accounts frozen: nothing more leaves before the money of "
                            "the first line is in. 客户账户被冻结，停止发货。"}),
        ],
    },
]
