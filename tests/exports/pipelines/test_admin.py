"""The console lists pipelines, and the page of a run shows its stages and what they made."""

import pytest
from django.urls import reverse

from curation.choices import CuratedSetStatus
from exports.models import PipelineRun
from exports.pipelines.stored import continuing, documents, requesting
from tests.curation.factories import CuratedSetFactory
from tests.exports.factories import approved_set
from tests.exports.pipelines.experiments import CHECK, experiment
from tests.factories import DeploymentFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:exports_pipelinerun_changelist")


@pytest.fixture(autouse=True)
def helpdesk():
    return DeploymentFactory(id="helpdesk")


def page_of(run):
    return reverse("admin:exports_pipelinerun_change", args=[run.pk])


def ran(user, *pipeline):
    """A run that a worker has continued as far as it goes."""
    run = requesting.request(documents.read(experiment(*pipeline)), by=user, queue=False)
    continuing.run(run.pk)
    run.refresh_from_db()
    return run


def waiting(user):
    curated_set = CuratedSetFactory(status=CuratedSetStatus.IN_REVIEW)
    return ran(user, CHECK, ("await_approval", {"curated_set": curated_set.pk}), "export_feedback")


def test_the_list_says_where_each_run_is(console, operator):
    waiting(operator)

    page = console.get(LIST).content.decode()

    for text in ("nightly", "helpdesk", "Waiting", "await_approval", operator.username):
        assert text in page


def test_an_empty_list_says_how_to_run_one(console):
    assert "python manage.py run_pipeline experiment.json" in console.get(LIST).content.decode()


def test_the_page_shows_stages_results_and_links(console, operator, django_assert_max_num_queries):
    approved_set([{}])
    run = ran(operator, CHECK, {"name": "curate", "enabled": False}, "export_feedback")

    with django_assert_max_num_queries(12):
        page = console.get(page_of(run)).content.decode()

    batch = run.stages.get(position=2).export
    for text in ("1. check_triggers", "2. curate", "Disabled", "3. export_feedback", "trigger_count"):
        assert text in page
    assert reverse("admin:exports_exportbatch_change", args=[batch.pk]) in page
    assert "trigger_types: <code>[&quot;volume&quot;]</code>" in page


def test_the_page_of_a_failed_run_says_why(console, operator):
    run = ran(operator, "export_feedback")

    assert "export_feedback: helpdesk has no approved set to export." in console.get(page_of(run)).content.decode()


def test_the_stages_are_asked_for_again_until_the_run_ends(console, operator):
    run = waiting(operator)
    stages = reverse("admin:exports_pipelinerun_stages", args=[run.pk])

    unfinished = console.get(stages)
    requesting.cancel(run.pk, by=operator)
    ended = console.get(stages)

    assert f'hx-get="{stages}"' in unfinished.content.decode()
    assert "waits for approval" in unfinished.content.decode()
    assert ended.headers["HX-Refresh"] == "true"
    assert console.get(reverse("admin:exports_pipelinerun_stages", args=[run.pk + 1])).status_code == 404


def test_a_run_is_cancelled_on_its_page(console, operator):
    run = waiting(operator)

    console.post(reverse("admin:exports_pipelinerun_cancel", args=[run.pk]), {"_form_submitted": True})

    run.refresh_from_db()
    assert (run.status, run.cancelled_by) == ("cancelled", operator)


def test_only_users_with_the_permission_see_pipelines(client, staff, operator):
    run = waiting(operator)
    reader, other = staff("exports.view_pipelinerun"), staff()

    statuses = []
    for user in (reader, other):
        client.force_login(user)
        statuses.append([client.get(address).status_code for address in (LIST, page_of(run))])

    assert statuses == [[200, 200], [403, 403]]
    client.force_login(reader)
    assert "Cancel the pipeline" not in client.get(page_of(run)).content.decode()
    assert PipelineRun.objects.get().status == "waiting"
