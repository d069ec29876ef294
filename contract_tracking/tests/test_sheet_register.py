from lxml import etree

from odoo.tests import TransactionCase, tagged

NUMBERS = ("monetary", "float", "integer")
# which place, colour or round a row has is no figure
PLACES = {"sequence", "res_id", "color", "round", "slot"}


@tagged("post_install", "-at_install")
class TestRegister(TransactionCase):
    """Each figure on screen says what it counts: what is read or computed. What people
    enter in a form speaks for itself."""

    def shown(self, node, model):
        """The fields that a view of ``model`` shows, as records of the registry."""
        for child in node:
            if child.tag != "field":
                yield from self.shown(child, model)
                continue
            field = model._fields.get(child.get("name"))
            if field is None:
                continue
            if field.relational and len(child):
                yield from self.shown(child, self.env[field.comodel_name])
            elif "True" not in (child.get("column_invisible"), child.get("invisible")):
                yield field

    def test_figures_have_helps(self):
        views = self.env["ir.ui.view"].browse(
            self.env["ir.model.data"]
            .search(
                [("module", "=", "contract_tracking"), ("model", "=", "ir.ui.view")]
            )
            .mapped("res_id")
        )
        silent = {
            str(field)
            for view in views
            if view.model in self.env
            for field in self.shown(
                etree.fromstring(view.arch_db), self.env[view.model]
            )
            if field.type in NUMBERS
            and (field.readonly or field.compute)
            and not self.env[field.model_name]._transient
            and field.name not in PLACES
            and "contract_tracking" in field._modules
            and not field.help
        }
        self.assertFalse(silent, "\n" + "\n".join(sorted(silent)))
