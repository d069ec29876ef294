"""A skipped test is a test that nobody ran: it fails."""

import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped. {reason}"


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector):
    outcome = yield
    report = outcome.get_result()
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped: {report.longrepr}"


@pytest.fixture(scope="session", autouse=True)
def patient_browser():
    """Where tests run side by side a browser takes longer to start, and a request to
    be answered, than Odoo waits."""
    from odoo.tests import common

    common.CHECK_BROWSER_ITERATIONS = 600
    common.BaseCase.test_cursor_lock_timeout = 120
