"""The form that asks for a set: the request of the API, and links that fill it in."""

import html
import re
from urllib.parse import parse_qs

import pytest
from django.urls import reverse

from curation.choices import CuratedSetStatus, Strategy
from curation.models import CuratedSet
from tests.curation.factories import CuratedSetFactory
from tests.curation.test_admin import page_of, staff_with
from tests.curation.voting import voted
from tests.drift.factories import DriftReportFactory, report_metric
from tests.factories import NOON, DeploymentFactory, EventFactory

FORM = reverse("admin:curation_curatedset_new")
EVENTS = reverse("admin:feedback_event_changelist")
STRATEGIES = {f"strategies.{name}": "on" for name in ("user_edit", "high_quality", "hard_example", "diverse")}
REQUEST = {"deployment": "helpdesk", "name": "weekly", "limit": "10", **STRATEGIES}


@pytest.fixture(autouse=True)
def _helpdesk(db, embedding):
    DeploymentFactory(id="helpdesk")


def link_to_form(text):
    """The fields that the first link to the form fills in."""
    query = re.search(rf'href="{FORM}\?([^"]+)"', text).group(1)
    return {name: values if len(values) > 1 else values[0] for name, values in parse_qs(html.unescape(query)).items()}


def test_the_list_of_sets_leads_to_the_form(console, django_assert_max_num_queries):
    answer = console.get(reverse("admin:curation_curatedset_curate"))
    with django_assert_max_num_queries(12):
        page = console.get(FORM).content.decode()

    assert answer.headers["Location"] == FORM
    assert "It reads at most 5,000 events and ends after 30 seconds" in page


def test_the_form_asks_for_what_it_says(console, operator, running_tasks):
    voted(up=2)

    with running_tasks():
        answer = console.post(
            FORM,
            {
                **REQUEST,
                "curate": "1",
                "seed": "7",
                "only_new": "on",
                "shares.user_edit": "0.3",
                "parameters.high_quality.min_p_good": "0.95",
                "parameters.diverse.accept_p_good": "0.75",
                "filters.from": "2026-01-01 12:00",
                "filters.tags": "vip, billing",
                "filters.metadata": '{"plan": "pro"}',
                "filters.min_p_good": "0.5",
                "segments.key": "language",
                "segments.shares": '{"de": 0.25}',
                "splits.validation": "0.1",
            },
        )

    curated_set = CuratedSet.objects.get()
    assert answer.headers["Location"] == page_of(curated_set)
    assert (curated_set.name, curated_set.limit, curated_set.seed) == ("weekly", 10, 7)
    assert (curated_set.created_by, curated_set.status) == (operator, CuratedSetStatus.DRAFT)
    assert curated_set.strategies == ["user_edit", "high_quality", "hard_example", "diverse"]
    assert curated_set.parameters == {"high_quality": {"min_p_good": 0.95}}
    assert curated_set.shares == {"user_edit": 0.3}
    assert curated_set.segments == {"key": "language", "shares": {"de": 0.25}}
    assert (curated_set.splits, curated_set.only_new) == ({"validation": 0.1}, True)
    assert curated_set.filters == {
        "from": "2026-01-01T12:00:00+00:00",
        "tags": ["vip", "billing"],
        "metadata": {"plan": "pro"},
        "min_p_good": 0.5,
    }


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"deployment": "gone"}, "Select a valid choice."),
        ({"name": ""}, "This field is required."),
        ({"limit": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"limit": "many"}, "A valid integer is required."),
        ({"parameters.high_quality.min_p_good": "2"}, "Give a number from 0.5 to 0.999."),
        ({"shares.user_edit": "0.6", "shares.diverse": "0.6"}, "Shares: Shares add up to 1 at most."),
        ({"shares.farthest_from_centroid": "0.6"}, "Shares: farthest_from_centroid: not among the strategies"),
        ({"splits.test": "0.6"}, "Ensure this value is less than or equal to 0.5."),
        ({"filters.from": "soon"}, "Datetime has wrong format."),
        ({"filters.metadata": "plan=pro"}, "Give a JSON object."),
        ({"filters.metadata": "[1]"}, "Give a JSON object."),
        ({"filters.event_ids": "1 2"}, "Must be a valid UUID."),
        ({"segments.key": "weather", "segments.shares": '{"sun": 1}'}, "Give language, model_version, experiment"),
        (dict.fromkeys(STRATEGIES, ""), "Strategies: This list may not be empty."),
    ],
)
@pytest.mark.parametrize("button", ["preview", "curate"])
def test_a_wrong_request_names_the_field_and_stores_nothing(console, wrong, message, button):
    answer = console.post(FORM, {key: value for key, value in {**REQUEST, button: "1", **wrong}.items() if value})

    assert message in html.unescape(answer.content.decode())
    assert not CuratedSet.objects.exists()


def test_only_so_many_sets_are_built_at_a_time(console):
    for _ in range(5):
        CuratedSetFactory(status=CuratedSetStatus.BUILDING, content_hash="", built_at=None)

    console.post(FORM, {**REQUEST, "curate": "1"})

    assert CuratedSet.objects.count() == 5
    assert "5 curated sets of helpdesk are still being built." in console.get(FORM).content.decode()


def test_the_form_needs_the_permission():
    client = staff_with("view_curatedset", "view_event")
    EventFactory()

    assert client.get(FORM).status_code == 403
    assert client.post(FORM, {**REQUEST, "curate": "1"}).status_code == 403
    assert FORM not in client.get(EVENTS).content.decode()
    assert not CuratedSet.objects.exists()


def test_a_list_of_events_carries_its_filters_over(console):
    EventFactory(model_version_id="v2", quality_score=0.9, occurred_at=NOON)
    query = {
        "deployment_id": "helpdesk",
        "model_version_id": "v2",
        "checks": "high",
        "occurred_at__gte": "2026-01-01T00:00:00+00:00",
        "occurred_at__lt": "2036-01-01T00:00:00+00:00",
    }

    fields = link_to_form(console.get(EVENTS, query).content.decode())
    page = console.get(FORM, fields).content.decode()

    assert fields == {
        "deployment": "helpdesk",
        "filters.model_version_id": "v2",
        "filters.min_quality": "0.8",
        "filters.from": "2026-01-01T00:00:00+00:00",
        "filters.to": "2036-01-01T00:00:00+00:00",
    }
    assert '<option value="helpdesk" selected>' in page
    assert 'name="filters.model_version_id" value="v2"' in page
    assert "not carried over" not in page


def test_filters_that_a_set_cannot_have_are_named(console):
    event = EventFactory(quality_score=0.6)
    found = console.get(EVENTS, {"q": str(event.pk), "checks": "middle"}).content.decode()

    fields = link_to_form(found)
    page = console.get(FORM, fields).content.decode()

    assert fields == {"filters.min_quality": "0.5", "left_out": ["quality_below", "named"]}
    assert "A set cannot be filtered by the upper bound of the checks, the search" in page


def test_a_deployment_leads_to_the_form(console):
    page = console.get(reverse("admin:feedback_deployment_change", args=["helpdesk"])).content.decode()
    address = re.search(r'href="([^"]*/helpdesk/curate)/?"', page).group(1)

    answer = console.get(address, follow=True)

    assert '<option value="helpdesk" selected>' in answer.content.decode()


def test_a_drift_report_leads_to_its_window_and_segments(console):
    window = {
        "n": 40,
        "source": "events",
        "first_at": "2026-01-01T00:00:00+00:00",
        "last_at": "2026-01-02T00:00:00+00:00",
    }
    moved = [
        report_metric(verdict="drifting", effect=0.4),
        report_metric(verdict="drifting", effect=0.4, segment="model_version_id=v2"),
        report_metric(verdict="watch", effect=0.3, segment="plan=pro"),
        report_metric(segment="plan=free"),
    ]
    report = DriftReportFactory(metrics=moved, verdict="drifting", resolved_windows={"current": window})

    page = console.get(reverse("admin:drift_driftreport_change", args=[report.pk])).content.decode()

    found = [parse_qs(html.unescape(query)) for query in re.findall(rf'href="{FORM}\?([^"]+)"', page)]
    whole = {
        "deployment": ["helpdesk"],
        "filters.from": ["2026-01-01T00:00:00+00:00"],
        "filters.to": ["2026-01-02T00:00:00.000001+00:00"],
    }
    assert found == [
        whole,
        {**whole, "filters.model_version_id": ["v2"]},
        {**whole, "filters.metadata": ['{"plan":"pro"}']},
    ]


def test_a_segment_of_numbers_is_found_by_the_form_that_a_report_opens(console, running_tasks):
    wanted = voted(up=2, metadata={"tier": 3})
    voted(up=2, number=1, metadata={"tier": 30})
    window = {"n": 40, "source": "events", "first_at": "2026-01-01T00:00:00+00:00", "last_at": NOON.isoformat()}
    moved = [report_metric(verdict="drifting", effect=0.4, segment="tier=3")]
    report = DriftReportFactory(metrics=moved, verdict="drifting", resolved_windows={"current": window})

    page = console.get(reverse("admin:drift_driftreport_change", args=[report.pk])).content.decode()
    [_, query] = re.findall(rf'href="{FORM}\?([^"]+)"', page)
    fields = {name: value for name, [value] in parse_qs(html.unescape(query)).items()}
    with running_tasks():
        console.post(FORM, {**REQUEST, **fields, "curate": "1"})

    assert [row.event_id for row in CuratedSet.objects.get().examples.all()] == [wanted.pk]


@pytest.mark.parametrize(
    ("votes", "sentences"),
    [
        ({"up": 2}, ["It is an example of", "It passed every gate."]),
        ({"down": 3}, ["It waits in the queue of"]),
        ({}, ["It is not in", "No signal or gold score says whether the answer is good."]),
    ],
)
def test_the_page_of_an_event_says_why(console, running_tasks, django_assert_max_num_queries, votes, sentences):
    event = voted(**votes)
    names = [Strategy.HIGH_QUALITY, Strategy.HARD_EXAMPLE]
    with running_tasks():
        console.post(FORM, {**REQUEST, "curate": "1", **dict.fromkeys(STRATEGIES, "")} | _chosen(names))

    address = reverse("admin:feedback_event_why", args=[event.pk])
    with django_assert_max_num_queries(12):
        page = console.get(reverse("admin:feedback_event_change", args=[event.pk])).content.decode()
    with django_assert_max_num_queries(12):
        text = console.get(address).content.decode()

    assert f'hx-get="{address}"' in page
    assert page_of(CuratedSet.objects.get()) in text
    for sentence in sentences:
        assert sentence in text


def _chosen(names):
    return {f"strategies.{name}": "on" if name in names else "" for name in Strategy}


def test_an_event_without_a_set_says_so(console):
    address = reverse("admin:feedback_event_why", args=[EventFactory().pk])

    assert "No set of this deployment is built." in console.get(address).content.decode()
    assert staff_with("view_event").get(address).status_code == 403
