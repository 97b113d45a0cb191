"""Reassessments over the API, the console and the shell."""

from io import StringIO

import pytest
from django.core.management import call_command

from feedback.access import keys
from feedback.choices import Scope
from feedback.management.commands.reassess import describe
from feedback.models import Reassessment
from feedback.reassessing import requesting, running
from tests.factories import DeploymentFactory, UserFactory

HERE = "/api/v1/deployments/helpdesk/reassessments"


@pytest.fixture
def helpdesk(db):
    return DeploymentFactory(id="helpdesk")


def post(api, **body):
    return api.post(HERE, body, format="json")


def test_a_job_is_requested_shown_and_worked_off(api, helpdesk, operator):
    answer = post(api)

    assert answer.status_code == 202, answer.content
    job = answer.json()
    assert (job["status"], job["percent"], job["replaces_scores"]) == ("requested", None, True)
    assert job["requested_by"] == operator.username
    running.run(job["id"])
    found = api.get(f"{HERE}/{job['id']}").json()
    assert (found["status"], found["total"], found["percent"]) == ("completed", 0, 0)
    assert [one["id"] for one in api.get(HERE).json()["results"]] == [job["id"]]


def test_the_same_range_is_refused_while_a_job_is_unfinished(api, helpdesk):
    first = post(api, occurred_from="2026-05-01T00:00:00Z", occurred_to="2026-06-01T00:00:00Z").json()

    refused = post(api, occurred_from="2026-05-15T00:00:00Z")
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["message"].startswith(f"Reassessment {first['id']} of helpdesk is requested")
    assert post(api, occurred_from="2026-06-01T00:00:00Z").status_code == 202
    assert post(api, profile="crucible").status_code == 202
    assert api.post(f"{HERE}/{first['id']}/cancel").json()["status"] == "cancelled"
    assert api.post(f"{HERE}/{first['id']}/cancel").status_code == 409
    assert post(api, occurred_from="2026-05-15T00:00:00Z", occurred_to="2026-05-16T00:00:00Z").status_code == 202


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"profile": "mine"}, "profile"),
        ({"occurred_from": "2026-06-01T00:00:00Z", "occurred_to": "2026-05-01T00:00:00Z"}, "occurred_to"),
        ({"occurred_from": "yesterday"}, "occurred_from"),
        ({"scope": "all"}, "scope"),
    ],
)
def test_a_wrong_request_is_rejected_by_field(api, helpdesk, body, field):
    answer = post(api, **body)

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])
    assert not Reassessment.objects.exists()


def test_only_a_user_with_the_permission_starts_one(client, helpdesk):
    _, secret = keys.create(UserFactory(), "test", [Scope.READ, Scope.OPERATE])

    answer = client.post(HERE, "{}", content_type="application/json", HTTP_AUTHORIZATION=f"Bearer {secret}")

    assert answer.status_code == 403


def test_the_command_scores_and_says_what_it_did(helpdesk, operator):
    out = StringIO()

    call_command("reassess", "helpdesk", "--from", "2026-05-01", "--profile", "crucible", stdout=out)

    job = Reassessment.objects.get()
    assert out.getvalue() == f"{job} by crucible-1: completed, 0 scored, 0 skipped without texts.\n"


def test_the_console_starts_shows_and_cancels(console, helpdesk, operator):
    started = console.post(
        "/admin/feedback/deployment/helpdesk/reassess/", {"_form_submitted": "on", "profile": "crucible"}
    )
    job = Reassessment.objects.get()
    page = f"/admin/feedback/reassessment/{job.pk}/change/"
    assert started.headers["HX-Redirect"] == page
    assert "stored beside the scores of the events" in console.get(page).content.decode()
    assert console.get("/admin/feedback/reassessment/").status_code == 200
    assert b"Requested" in console.get(f"/admin/feedback/reassessment/{job.pk}/progress/").content

    requesting.cancel(job, by=operator)

    assert console.get(f"/admin/feedback/reassessment/{job.pk}/progress/").headers["HX-Refresh"] == "true"


def test_the_command_says_that_a_worker_was_faster():
    job = Reassessment(pk=7, version="default-5", status="running", scored=1_200)

    assert (
        describe(job)
        == "Reassessment 7 by default-5: a worker took it, 1,200 events so far. Its page shows how far it is."
    )
