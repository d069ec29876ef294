"""Files attached as evidence belong to the document that they prove."""

from .guard import unguarded


def own_attachments(records, fname="attachment_ids"):
    """Let whoever reads a record read its files, and note that they are evidence.

    An uploaded file that belongs to nothing yet is readable by its author only.
    """
    for record in records:
        files = unguarded(record.sudo()[fname].with_env(record.env))
        files.filtered(lambda a: not a.res_id).write(
            {"res_model": record._name, "res_id": record.id}
        )
        files.sudo().filtered(lambda a: not a.contract_filed).contract_filed = True
