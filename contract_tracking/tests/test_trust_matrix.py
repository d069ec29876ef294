from odoo.tools import mute_logger

from .matrix_machine import QUIET, MatrixMachine
from .matrix_world import ROLES


class TestMatrixOfThoseWhoAct(MatrixMachine):
    """Role × model × operation × company against tables in ``matrix/`` that a reviewer
    reads. With ``CONTRACT_MATRIX=write`` before the command (see ``models.txt``) they
    are written anew: the difference is what a change gave or took."""

    def test_every_model_is_tried(self):
        rows = {title.partition(",")[0] for title in self.sides[0].records}
        self.assertEqual(set(self.models()), rows | set(self.strangers_rows[0]))

    def test_models(self):
        with mute_logger(*QUIET):
            self.compare_models(ROLES[:8])
