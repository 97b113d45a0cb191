import pytest

from tests.workers import tasks_run_at_once


@pytest.fixture
def running_tasks(django_capture_on_commit_callbacks):
    """A block after which the tasks that it queued have run."""
    with tasks_run_at_once():
        yield lambda: django_capture_on_commit_callbacks(execute=True)
