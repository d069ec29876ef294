"""Files that a controller answers with."""

from odoo.http import content_disposition, request

from ..tools.sheets import XLSX


def spreadsheet(content, name):
    """An XLSX file as the answer of a route.

    :param name: of the file, without its ending
    """
    return request.make_response(
        content,
        [
            ("Content-Type", XLSX),
            ("Content-Length", len(content)),
            ("Content-Disposition", content_disposition(f"{name}.xlsx")),
        ],
    )
