"""Files attached as evidence belong to the document that they prove."""

import os
import re

from .guard import unguarded
from .values import CONTROL

# Of a file's name on most disks
BYTES = 255


def own_attachments(records, fname="attachment_ids"):
    """Let whoever reads a record read its files, and note that they are evidence.

    An uploaded file that belongs to nothing yet is readable by its author only.
    """
    for record in records:
        files = unguarded(record.sudo()[fname].with_env(record.env))
        files.filtered(lambda a: not a.res_id).write(
            {"res_model": record._name, "res_id": record.id}
        )
        new = files.sudo().filtered(lambda a: not a.contract_filed)
        for file in new:
            if (name := file_name(file.name)) != file.name:
                file.name = name
        new.contract_filed = True


def file_name(given):
    """The name under which a file is filed: never a path, so that it leads nowhere
    whoever saves it, and no longer than disks take."""
    name = " ".join(CONTROL.sub("", given or "").split())
    if re.match(r"(\w:)?[/\\]|\.+[/\\]", name):
        name = re.split(r"[/\\]", name)[-1]
    name = re.sub(r"[/\\]", "-", name).strip(". ") or "file"
    if len(name.encode()) <= BYTES:
        return name
    stem, suffix = os.path.splitext(name)
    suffix = suffix if len(suffix.encode()) < 20 else ""
    stem = stem.encode()[: BYTES - len(suffix.encode())]
    return stem.decode(errors="ignore") + suffix
