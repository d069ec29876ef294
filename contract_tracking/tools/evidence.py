"""Files attached as evidence belong to the document that they prove."""


def own_attachments(records, fname="attachment_ids"):
    """Let whoever reads a record read its files.

    An uploaded file that belongs to nothing yet is readable by its author only.
    """
    for record in records if fname in records._fields else ():
        record[fname].filtered(lambda a: not a.res_id).write(
            {"res_model": record._name, "res_id": record.id}
        )
