import pytest

from tests.console import use_plain_static_files
from tests.workers import tasks_run_at_once


@pytest.fixture
def running_tasks(django_capture_on_commit_callbacks):
    """A block after which the tasks that it queued have run."""
    with tasks_run_at_once():
        yield lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture(autouse=True)
def _plain_static_files(settings):
    use_plain_static_files(settings)
