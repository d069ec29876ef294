from odoo.tools import mute_logger

from .matrix_machine import QUIET, MatrixMachine
from .matrix_world import ROLES


class TestMatrixOfThoseWhoLook(MatrixMachine):
    """The second half of the table of test_trust_matrix.py: two can run at once."""

    def test_models(self):
        with mute_logger(*QUIET):
            self.compare_models(ROLES[8:])
