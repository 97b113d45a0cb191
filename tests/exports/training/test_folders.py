"""What is left in the training folder of runs that are over or deleted."""

import sys

import pytest

from exports.models import TrainingRun
from exports.training import runs
from exports.training.adapters.command import CommandAdapter
from exports.training.commands import wrapper
from exports.training.commands.folders import folder_of
from exports.training.handover.supervising import remove_folders
from tests.exports.factories import TrainingRunFactory
from tests.exports.training.cases import eventually, hand_off

pytestmark = pytest.mark.django_db
# A command and a process that it started, each with its number in the log.
TWO = "import os, time; os.fork(); os.write(1, b'%d\\n' % os.getpid()); time.sleep(60)"


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


def test_nothing_that_a_command_of_a_deleted_run_started_goes_on(tmp_path):
    run = TrainingRunFactory()
    CommandAdapter((sys.executable, "-c", TWO)).start(hand_off(run.pk, folder=tmp_path))
    folder = folder_of(run.pk)
    pids = eventually(lambda: len(found := folder.log.read_bytes().split()) == 2 and [int(pid) for pid in found])

    TrainingRun.objects.all().delete()
    remove_folders()

    eventually(lambda: [wrapper.start_ticks(pid) for pid in pids] == [None, None])
    assert not folder.path.exists()
