from odoo.tests import HttpCase

from .test_archive import ArchiveCase


class TestTourArchive(ArchiveCase, HttpCase):
    """The owner hands the files over, the department keeps them, lends them and takes
    them back."""

    def test_whole_story(self):
        archive = self.archive
        url = f"/odoo/contract-archives/{archive.id}"
        self.start_tour(url, "contract_archive_hand_over", login="ct_owner")
        self.assertEqual(archive.submitted_by_id, self.owner)
        self.start_tour(url, "contract_archive_keep", login="ct_keeper")
        self.assertEqual(archive.place, "Shelf 3")
        self.assertEqual(archive.loan_ids.state, "returned")
        self.assertEqual(archive.loan_ids.lent_by_id, self.keeper)
