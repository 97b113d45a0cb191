from datetime import timedelta

import numpy as np
import pytest

from drift.reports import detection, lifecycle
from drift.windows.window import Window
from tests.drift.factories import store_window
from tests.factories import NOON
from tests.servers.workers import tasks_run_at_once


@pytest.fixture
def running_tasks(django_capture_on_commit_callbacks):
    """A block after which the tasks that it queued have run."""
    with tasks_run_at_once():
        yield lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def longer_responses(db, rng):
    """A report whose responses doubled in length, and the events of its current window."""
    lengths = rng.integers(100, 140, 220)
    store_window("helpdesk", start_at=NOON, prompt_lengths=lengths[:120], version="v1")
    events = store_window(
        "helpdesk",
        start_at=NOON + timedelta(days=1),
        prompt_lengths=lengths[120:],
        response_lengths=np.arange(201, 301),
        version="v2",
    )
    return detection.run(lifecycle.request("helpdesk", reference=Window(120, 100), current=Window(100)).pk), events
