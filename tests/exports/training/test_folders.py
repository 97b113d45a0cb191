"""What is left in the training folder of runs that are over or deleted."""

import pytest

from exports.training import runs
from exports.training.commands.folders import folder_of
from exports.training.handover.supervising import remove_folders
from tests.exports.factories import TrainingRunFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _training_folder(settings, tmp_path):
    settings.TRAINING_FOLDER = tmp_path / "training"


def test_the_copied_export_of_a_run_that_is_over_is_removed_and_its_log_kept():
    run = TrainingRunFactory()
    folder = folder_of(run.pk)
    folder.dataset.mkdir(parents=True)
    folder.log.touch()

    remove_folders()
    while_it_trains = folder.dataset.exists()
    runs.cancel(run.pk)
    remove_folders()

    assert (while_it_trains, folder.dataset.exists(), folder.log.exists()) == (True, False, True)
