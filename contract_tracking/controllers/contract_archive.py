from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import Controller, Response, content_disposition, request, route

# How much of a file is sent at once.
CHUNK = 256 * 1024


class ContractArchiveController(Controller):
    """Download of all files of an archived contract."""

    # not readonly: who takes them is written down
    @route("/contract_tracking/archive/<int:archive_id>/zip", type="http", auth="user")
    def contract_archive_zip(self, archive_id):
        """The files that the user may read, with their index; nothing is there for who
        may not read the archive."""
        archive = request.env["contract.archive"].browse(archive_id)
        try:
            archive.check_access("read")
            if not archive.exists():
                return request.not_found()
            content = archive._zip()
        except (AccessError, MissingError):
            return request.not_found()
        except UserError as error:
            return request.make_response(str(error), status=404)
        size = content.seek(0, 2)
        content.seek(0)

        def chunks():
            with content:
                while chunk := content.read(CHUNK):
                    yield chunk

        return Response(
            chunks(),
            headers=[
                ("Content-Type", "application/zip"),
                ("Content-Length", size),
                ("Content-Disposition", content_disposition(archive._zip_name())),
                ("X-Content-Type-Options", "nosniff"),
            ],
            direct_passthrough=True,
        )
