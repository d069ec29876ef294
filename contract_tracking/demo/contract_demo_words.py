"""Chinese names of what the demo has: products, offices, departments. Each has its
English name where it is made."""

CHINESE = {
    "demo_team_east": "华东办事处",
    "demo_team_south": "华南办事处",
    "demo_team_overseas": "海外办事处",
    "demo_department_business": "业务办",
    "demo_department_production": "生产部",
    "demo_department_logistics": "物流部",
    "demo_department_finance": "财务部",
    "demo_department_service": "售后服务部",
    "demo_payment_term_instalments": "分三期：30、60、90天",
    "demo_payment_term_monthly": "月结60天",
    "demo_pricelist_cny": "国内价目表",
    "demo_pricelist_eur": "出口欧元价目表",
    "demo_pricelist_usd": "出口美元价目表",
    "demo_uom_set": "台",
    "demo_uom_piece": "件",
    "demo_product_cp200": "离心泵",
    "demo_product_sp80": "潜水泵",
    "demo_product_mp500": "多级泵",
    "demo_product_gv150": "闸阀 DN150",
    "demo_product_cv100": "调节阀 DN100",
    "demo_product_cc01": "控制柜",
    "demo_product_seal": "机封备件包",
    "demo_product_impeller": "叶轮",
    "demo_product_install": "安装调试",
    "demo_product_training": "操作培训",
}
# Who reads English: what goes abroad is written by them.
READS_ENGLISH = ("overseas", "auditor")
