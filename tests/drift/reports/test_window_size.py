import pytest

from drift.models import DriftReport
from tests.drift.factories import store_window
from tests.factories import NOON


@pytest.mark.parametrize("profile", ["standard", "crucible"])
def test_window_size_compares_the_newest_events_with_as_many_before(api, running_tasks, profile):
    store_window("helpdesk", start_at=NOON, prompt_lengths=[40] * 160)

    with running_tasks():
        api.post("/api/v1/deployments/helpdesk/drift", {"window_size": 70, "profile": profile}, format="json")

    report = DriftReport.objects.get()
    assert (report.status, report.n_reference, report.n_current) == ("completed", 70, 70)
    assert report.reference_window == {"last_events": 70, "skip": 70}
