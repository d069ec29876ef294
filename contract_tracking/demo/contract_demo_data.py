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
        "signatory": "钱文博",
        "lines": [("cp200", 6), ("cc01", 2), ("gv150", 20), ("install", 8)],
        "terms": [
            delivery("install", 8, 5),
            milestone("客户确认图纸", "service", "service", -75,
                      True),
            milestone("出厂验收", "production", "production",
                      -40, True),
            milestone("调试完成", "service", "service", 16),
            {"kind": "clause", "name": "质保期：验收合格后12个月",
             "event": "acceptance", "delay": 12, "delay_unit": "month"},
            {"kind": "document", "name": "随机资料：中文操作手册3套",
             "day": -20},
        ],
        "story": [
            (-94, "file", {"kind": "signed", "name": "双方签章合同"}),
            (-92, "advance", {"share": 30}),
            (-90, "pay", {}),
            (-80, "record", {}),
            (-78, "event", {"kind": "drawings", "note": "C版图纸已由客户工程师"
                                                        "签字确认。"}),
            (-78, "done", {"term": "客户确认图纸"}),
            (-50, "record", {}),
            (-38, "advance", {"share": 60}),
            (-37, "done", {"term": "出厂验收"}),
            (-36, "event", {"kind": "goods_ready", "note": "备妥通知 BT-0612 已"
                                                           "由钱工签收。"}),
            (-36, "pay", {}),
            (-30, "deliver", {"cp200": 6, "cc01": 2, "gv150": 20}),
            (-29, "invoice", {}),
            (-26, "receive", {}),
            (-26, "event", {"kind": "receipt", "note": "现场清点签收，外观完好。"}),
            (-21, "done", {"term": "操作手册"}),
            (-20, "record", {"coordination": "售后部已派两名工程师赴临平泵站现"
                                             "场调试。"}),
            (-10, "serve", {"install": 5}),
            (-3, "done", {"term": "调试完成", "progress": 60}),
        ],
    },
    {  # 02 Late on both sides: split delivery short, valves overdue, balance half paid
        "key": "02", "partner": "taihu", "seller": "sales", "signed": -100,
        "promised": 6, "template": "30_70_delivery", "reference": "TH-2-118",
        "signatory": "沈俊",
        "payment_term": "account.account_payment_term_30days",
        "lines": [("cp200", 10), ("gv150", 30), ("seal", 20)],
        "terms": [
            delivery("cp200", 4, -60),
            delivery("cp200", 6, -12),
            delivery("gv150", 30, -12),
        ],
        "story": [
            (-98, "file", {"kind": "signed", "name": "双方签章合同"}),
            (-96, "advance", {"share": 30}),
            (-86, "pay", {}),
            (-57, "deliver", {"cp200": 4}),
            (-56, "receive", {"cp200": 1, "reason":
                             "一台泵法兰在运输中变形"}),
            (-56, "record", {"coordination": "与生产部核实：铸造厂轴承座到货迟"
                                             "，首批4台泵延后3天发出。",
                             "content": "请生产部确保下一批按期交付。"}),
            (-55, "invoice", {"deduct": False}),
            (-25, "record", {"coordination": "已与沈经理电话联系，对方正在走付款流程。",
                             "content": "请财务部向客户寄送对账单。"}),
            (-24, "statement", {
                "answered": -17, "owes": 216960,
                "note": "我司预付款挂账至末批再抵扣，首批发票按全额应付。",
            }),
            (-20, "pay", {"amount": 100000}),
            (-19, "void_record", {"reason": "对客户答复理解有误：客户分两次付款。",
                                  "coordination": "沈经理答复：先付10万元，余款"
                                                  "待第二批到货后支付。"}),
            (-9, "deliver", {"cp200": 3}),
            (-8, "file", {"kind": "minutes", "name": "会议纪要：闸阀补交计划"}),
            (0, "propose", {}),
        ],
    },
    {  # 03 Fresh and on track; the paper with both seals is not back yet
        "key": "03", "partner": "pengcheng", "seller": "sales2", "signed": -12,
        "promised": 20, "template": "full_before", "reference": "PC-JD-88",
        "signatory": "罗毅",
        "supervisor": "production",
        "lines": [("mp500", 2), ("cc01", 1)],
        "terms": [
            milestone("生产完成", "production", "production", 4),
        ],
        "story": [
            (-11, "record", {}),
            (-2, "done", {"term": "生产完成", "progress": 70}),
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
        "reference": "YH-0031", "signatory": "顾萍", "frame": "spares",
        "payment_term": "contract_tracking.demo_payment_term_monthly",
        "lines": [("seal", 60), ("impeller", 10)],
        "terms": [
            delivery("seal", 20, -120),
            delivery("seal", 20, -100),
            delivery("seal", 20, 12),
        ],
        "story": [
            (-138, "file", {"kind": "call_off", "name": "要货传真件"}),
            (-121, "deliver", {"seal": 20}),
            (-118, "invoice", {}),
            (-105, "deliver", {"seal": 20, "impeller": 10}),
            (-103, "invoice", {}),
            (-97, "send_back", {"impeller": 2}),
            (-94, "invoice", {}),
            (-90, "waive", {"term": "Impeller", "reason": "叶轮铸造缺陷：2件已"
                                                          "冲红，客户不要求补货"
                                                          "。"}),
            (-40, "pay", {"amount": 20000}),
            (-30, "pay", {}),
        ],
    },
    {  # 07 Completed: paid to the last retention
        "key": "07", "partner": "lingnan", "seller": "sales2", "signed": -440,
        "promised": -378, "template": "30_60_10", "reference": "LN-ZB-15",
        "signatory": "谭辉",
        "lines": [("cp200", 3), ("seal", 6), ("install", 3)],
        "story": [
            (-438, "file", {"kind": "signed", "name": "双方签章合同"}),
            (-438, "advance", {"share": 30}),
            (-436, "pay", {}),
            (-394, "advance", {"share": 60}),
            (-392, "event", {"kind": "goods_ready", "note": "备妥通知 BT-0488。"}),
            (-388, "pay", {}),
            (-385, "deliver", {"cp200": 3, "seal": 6}),
            (-380, "serve", {"install": 3}),
            (-379, "invoice", {}),
            (-375, "event", {"kind": "acceptance", "note": "连续运行72小时后双"
                                                           "方签署验收报告。"}),
            (-374, "file", {"kind": "acceptance", "name": "验收报告"}),
            (-12, "pay", {}),
            (-8, "state", {"step": "complete"}),
        ],
    },
    {  # 08 Renewal of 07: spare parts and maintenance of the year
        "key": "08", "renews": "07", "partner": "lingnan", "seller": "sales2",
        "signed": -45, "promised": -20, "ends": 320, "template": "net_30",
        "reference": "LN-ZB-27", "signatory": "谭辉",
        "payment_term": "account.account_payment_term_30days",
        "lines": [("seal", 12), ("impeller", 4), ("install", 6)],
        "terms": [delivery("install", 6, 90)],
        "story": [
            (-43, "file", {"kind": "signed", "name": "双方签章合同"}),
            (-22, "deliver", {"seal": 12, "impeller": 4}),
            (-21, "invoice", {}),
            (-15, "record", {}),
            (-5, "serve", {"install": 2}),
            (-1, "statement", {}),
        ],
    },
    {  # 09 Ran before it was kept here: joined by hand, with opening figures
        "key": "09", "partner": "jiangcheng", "seller": "office", "signed": -300,
        "promised": 30, "reference": "JCG-5-002", "signatory": "贺忠",
        "payment_term": "account.account_payment_term_45days",
        "lines": [("mp500", 8)],
        "terms": [
            delivery("mp500", 5, -175),
            delivery("mp500", 2, -65),
            delivery("mp500", 1, 30),
            payment("每批发货后45天付款", "settlement", 100, "dispatch", 45,
                    each=True),
        ],
        "opening": {"day": -180, "delivered": {"mp500": 5}},
        "story": [
            (-179, "file", {"kind": "signed", "name": "双方签章合同"}),
            (-70, "deliver", {"mp500": 2}),
            (-68, "invoice", {}),
            (-21, "pay", {}),
            (-14, "record", {}),
        ],
    },
    {  # 10 Terminated and settled: the deposit is refunded in part
        "key": "10", "partner": "nanhai", "seller": "sales2", "signed": -80,
        "promised": -30, "template": "30_70_delivery", "reference": "NH-CG-064",
        "signatory": "梁波",
        "payment_term": "account.account_payment_term_30days",
        "lines": [("cp200", 4), ("cc01", 1)],
        "story": [
            (-79, "file", {"kind": "signed", "name": "双方签章合同"}),
            (-78, "advance", {"share": 30}),
            (-74, "pay", {}),
            (-50, "deliver", {"cp200": 1}),
            (-27, "file", {"kind": "letter", "name": "终止合同函"}),
            (-25, "state", {"step": "terminate", "reason": "客户窑炉项目取消，"
                                                           "按已交付的一台泵结"
                                                           "算。"}),
            (-25, "stop_delivery", {}),
            (-24, "invoice", {}),
            (-20, "pay", {}),
            (-19, "waive", {"term": "", "reason": "已结算：预付款抵已交付泵款，"
                                                  "余额退还。"}),
        ],
    },
    {  # 11 Cancelled before anything happened
        "key": "11", "partner": "songshan", "seller": "sales2", "signed": -40,
        "promised": 15, "template": "full_before", "reference": "SS-77",
        "signatory": "莫清",
        "lines": [("sp80", 3)],
        "story": [
            (-33, "state", {"step": "cancel", "reason": "重复签订，客户以另一份"
                                                        "合同为准。"}),
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
        "reference": "BL-GK-203", "signatory": "方磊",
        "payment_term": "account.account_payment_term_30days",
        "lines": [("gv150", 40), ("cv100", 10)],
        "story": [(0, "file", {"kind": "signed", "name": "已签产品订单"})],
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
        "signatory": "丁雪",
        "supervisor": "service",
        "lines": [("install", 12), ("training", 10)],
        "terms": [delivery("training", 10, -15)],
        "story": [
            (-108, "file", {"kind": "signed", "name": "双方签章服务合同"}),
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
        "reference": "YH-0044", "signatory": "顾萍", "frame": "spares",
        "payment_term": "contract_tracking.demo_payment_term_monthly",
        "lines": [("seal", 40)],
        "story": [
            (-74, "file", {"kind": "call_off", "name": "要货传真件"}),
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
        "signatory": "潘云",
        "lines": [("cp200", 4), ("seal", 8)],
        "story": [
            (-12, "file", {"kind": "signed", "name": "双方签章合同"}),
            (-11, "advance", {"share": 30}),
            (-1, "ask", {}),
        ],
    },
    {  # 20 Free: paid in full when the goods were ready
        "key": "20", "partner": "jianhu", "seller": "sales", "signed": -34,
        "promised": 1, "template": "full_before", "reference": "JH-SW-2209",
        "signatory": "陶静",
        "lines": [("sp80", 6)],
        "story": [
            (-32, "file", {"kind": "signed", "name": "双方签章合同"}),
            (-7, "advance", {"share": 100}),
            (-6, "event", {"kind": "goods_ready", "note": "备妥通知 BT-0655。"}),
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
        "signatory": "区健", "hold_supply": True,
        "lines": [("cp200", 8), ("cc01", 2)],
        "story": [
            (-4, "file", {"kind": "signed", "name": "双方签章合同"}),
            (-4, "advance", {"share": 30}),
        ],
    },
    {  # 23 Application in preparation
        "key": "23", "partner": "dongjiang", "seller": "sales2", "signed": -26,
        "promised": 1, "template": "full_before", "reference": "DJ-DZ-540",
        "signatory": "丘兰",
        "lines": [("gv150", 40)],
        "story": [
            (-24, "file", {"kind": "signed", "name": "双方签章合同"}),
            (-3, "event", {"kind": "goods_ready", "note": "备妥通知 BT-0661。"}),
            (-1, "ask", {}),
            (0, "apply", {
                "reason": "holidays", "until": 9, "plan": [(24, 100)],
                "words": "客户财务放假在即，现场急需阀门，节后即付款。",
                "submit": False,
            }),
        ],
    },
    {  # 24 Being decided: the head of the office agreed, the business office is next
        "key": "24", "partner": "yuntai", "seller": "sales", "signed": -61,
        "promised": -1, "template": "30_60_10", "reference": "YT-SH-0902",
        "signatory": "江睿",
        "lines": [("mp500", 8)],
        "story": [
            (-60, "file", {"kind": "signed", "name": "双方签章合同"}),
            (-60, "advance", {"share": 30}),
            (-55, "pay", {}),
            (-4, "event", {"kind": "goods_ready", "note": "备妥通知 BT-0659。"}),
            (-2, "apply", {
                "reason": "bill", "until": 6, "plan": [(10, 100)],
                "words": "60%发货款的银行承兑汇票已由客户寄出，在途。",
                "security": "已收到汇票扫描件。",
                "measures": "发货前由财务部向承兑行查询票据真伪。",
            }),
            (-1, "approve", {"user": "office", "comment": "客户多年以承兑付款，"
                                                          "未发生退票。"}),
        ],
    },
    {  # 25 Approved on the bank slip, nothing has left: a condition is to be confirmed
        "key": "25", "partner": "fengcheng", "seller": "sales", "signed": -48,
        "promised": 0, "template": "30_60_10", "reference": "FC-YY-77",
        "signatory": "卞毅",
        "lines": [("cp200", 5), ("cc01", 1)],
        "story": [
            (-46, "file", {"kind": "signed", "name": "双方签章合同"}),
            (-46, "advance", {"share": 30}),
            (-41, "pay", {}),
            (-3, "event", {"kind": "goods_ready", "note": "备妥通知 BT-0660。"}),
            (-1, "apply", {
                "reason": "slip", "until": 1, "plan": [(1, 100)], "slip": True,
                "words": "客户昨日已电汇，水单已到，我方银行两日内入账。",
            }),
            (-1, "approve", {
                "user": "office",
                "conditions": "财务部向付款行电话核实水单",
            }),
        ],
    },
    {  # 26 Less was approved than asked; part of it left, the money is promised
        "key": "26", "partner": "huanghai", "seller": "sales", "signed": -57,
        "promised": -4, "template": "30_60_10", "reference": "HH-RD-31",
        "signatory": "于成",
        "lines": [("cp200", 10)],
        "story": [
            (-55, "file", {"kind": "signed", "name": "双方签章合同"}),
            (-55, "advance", {"share": 30}),
            (-50, "pay", {}),
            (-11, "event", {"kind": "goods_ready", "note": "备妥通知 BT-0641。"}),
            (-9, "apply", {
                "reason": "trusted", "until": 12, "plan": [(6, 40), (21, 60)],
                "words": "机组大修在即，货款须经集团财务公司分两次支付。",
                "security": "母公司付款承诺函",
                "measures": "分两批发货，首笔回款到账后再发第二批。",
            }),
            (-8, "approve", {
                "user": "office", "lines": {"cp200": 6}, "until": 10,
                "comment": "先发1号机组用6台，其余待回款后再发。",
                "conditions": "收到付款承诺函原件",
            }),
            (-8, "approve", {"user": "business", "comment": "同意办事处意见。"}),
            (-7, "confirm", {"user": "business"}),
            (-6, "deliver", {"cp200": 4}),
            (-5, "invoice", {}),
        ],
    },
    {  # 27 Promised and not kept: the first repayment is overdue
        "key": "27", "partner": "qijiang", "seller": "sales2", "signed": -58,
        "promised": -26, "template": "full_before", "reference": "QJ-SP-118",
        "signatory": "阮志",
        "lines": [("sp80", 5)],
        "story": [
            (-56, "file", {"kind": "signed", "name": "双方签章合同"}),
            (-31, "event", {"kind": "goods_ready", "note": "备妥通知 BT-0622。"}),
            (-28, "apply", {
                "reason": "trusted", "until": -14, "plan": [(-10, 50), (12, 50)],
                "words": "生产旺季急用，客户承诺分两次付清。",
                "measures": "首笔货款到账前不再接新单。",
            }),
            (-27, "approve", {"user": "office2", "comment": "仅此一次。"}),
            (-27, "approve", {"user": "business"}),
            (-26, "deliver", {"sp80": 5}),
            (-25, "invoice", {}),
            (-9, "pay", {"amount": 30000}),
        ],
    },
    {  # 28 Closed: left on risk, paid as promised
        "key": "28", "partner": "shouxihu", "seller": "sales", "signed": -70,
        "promised": -44, "template": "full_before", "reference": "SXH-PJ-12",
        "signatory": "荆浩",
        "lines": [("cv100", 6)],
        "story": [
            (-68, "file", {"kind": "signed", "name": "双方签章合同"}),
            (-48, "event", {"kind": "goods_ready", "note": "备妥通知 BT-0603。"}),
            (-45, "apply", {
                "reason": "holidays", "until": -35, "plan": [(-25, 100)],
                "words": "节前抢发，客户节后付款。",
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
        "signatory": "马胜",
        "lines": [("mp500", 2)],
        "story": [
            (-31, "file", {"kind": "signed", "name": "双方签章合同"}),
            (-8, "event", {"kind": "goods_ready", "note": "备妥通知 BT-0648。"}),
            (-5, "apply", {
                "reason": "other", "until": 10, "plan": [(25, 100)],
                "words": "新客户，要求先发货后付款。",
            }),
            (-4, "refuse", {"user": "office2", "comment": "首单且无担保，按合同"
                                                          "款到发货。"}),
        ],
    },
    {  # 30 Revoked after a part had left
        "key": "30", "partner": "jiuzi", "seller": "sales", "signed": -50,
        "promised": -12, "template": "30_60_10", "reference": "JZ-KS-204",
        "signatory": "万福",
        "lines": [("gv150", 60)],
        "story": [
            (-48, "file", {"kind": "signed", "name": "双方签章合同"}),
            (-48, "advance", {"share": 30}),
            (-43, "pay", {}),
            (-18, "event", {"kind": "goods_ready", "note": "备妥通知 BT-0630。"}),
            (-16, "apply", {
                "reason": "trusted", "until": 8, "plan": [(4, 100)],
                "words": "矿山分线更换阀门，末批到货后一次付款。",
            }),
            (-15, "approve", {"user": "office", "comment": "同意分线发货，不得"
                                                           "一次发完。"}),
            (-15, "approve", {"user": "business"}),
            (-14, "deliver", {"gv150": 20}),
            (-13, "invoice", {}),
            (-8, "revoke", {"user": "business", "text": "客户账户被供应商申请冻"
                                                        "结，首线货款到账前停止"
                                                        "发货。"}),
        ],
    },
]
