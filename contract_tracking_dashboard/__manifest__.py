{
    "name": "Contract Tracking Dashboard",
    "summary": "This month against last, on-time delivery, collection, deviations and "
    "risk, for leaders",
    "version": "19.0.1.6.0",
    "category": "Sales/Sales",
    "license": "LGPL-3",
    "author": "Contract Tracking Contributors",
    "depends": ["contract_tracking", "spreadsheet_dashboard"],
    "data": ["data/spreadsheet_dashboard_data.xml"],
    "auto_install": True,
}
