"""What differs between two versions of a set, and why, through the API and the console."""

import uuid
from types import SimpleNamespace

import pytest

from curation.choices import CuratedSetStatus, Decision, Outcome, Strategy
from curation.models import CuratedSet, RowDecision, TracedEvents
from curation.sets import tracing
from curation.strategies.base import Candidate, Trace
from tests.curation.factories import (
    CuratedExampleFactory,
    CuratedPairFactory,
    CuratedSetFactory,
    DuplicateLinkFactory,
)
from tests.factories import NOON, DeploymentFactory, EventFactory

pytestmark = pytest.mark.django_db


def traced(curated_set, outcomes):
    """Store that the build of a set read these events. outcomes: (gate, outcome of high_quality, number) by event."""
    candidates = [Candidate(str(event_id), NOON) for event_id in outcomes]
    trace = Trace(len(candidates))
    for index, (gate, outcome, number) in enumerate(outcomes.values()):
        trace.note(tracing.GATES, index, gate)
        trace.note(Strategy.HIGH_QUALITY, index, outcome, number)
    TracedEvents.objects.bulk_create(tracing.rows(curated_set, candidates, trace))


def diff(api, after, before, **query):
    answer = api.get(f"/api/v1/curated-sets/{after.pk}/diff", {"against": before.pk, **query})
    assert answer.status_code == 200
    return answer.data


@pytest.fixture
def versions(operator):
    """Two versions with a row for each reason, and the names of their events."""
    before = CuratedSetFactory(name="weekly", version=1)
    after = CuratedSetFactory(name="weekly", version=2)
    DeploymentFactory(id="shop")
    names = (
        "same",
        "edited",
        "dropped",
        "queued",
        "copy",
        "low",
        "barred",
        "deleted",
        "unread",
        "new",
        "waited",
        "met",
    )
    events = {name: uuid.UUID(int=number) for number, name in enumerate(names, 1)}
    for name in ("unread", "barred"):
        EventFactory(id=events[name], deployment_id="helpdesk", training_allowed=name == "unread")

    def put(curated_set, name, **fields):
        return CuratedExampleFactory(
            curated_set=curated_set, position=events[name].int, event_id=events[name], model_version_id="v1", **fields
        )

    for name in ("same", "edited", "dropped", "queued", "copy", "low", "barred", "deleted", "unread"):
        put(before, name)
    put(before, "waited", queue_reason="It is bad.")
    put(after, "same", decision=Decision.KEEP)
    put(after, "edited", decision=Decision.EDIT, reviewed_response="Better.")
    dropped = put(after, "dropped", decision=Decision.DROP)
    RowDecision.objects.create(
        curated_set=after, example=dropped, decision=Decision.DROP, reason="off_topic", by=operator
    )
    put(after, "queued", queue_reason="Its edit changes little.")
    put(after, "waited", decision=Decision.KEEP, queue_reason="It is bad.")
    put(after, "new", strategy=Strategy.DIVERSE)
    put(after, "met")
    DuplicateLinkFactory(
        curated_set=after, dropped_event_id=events["copy"], kept_event_id=events["same"], similarity=0.93
    )
    traced(after, {events["low"]: (Outcome.PASSED, Outcome.BELOW_FLOOR, 0.6)})
    traced(before, {events["met"]: (Outcome.PASSED, Outcome.OVER_LIMIT, 3)})
    return SimpleNamespace(before=before, after=after, events=events)


def test_every_row_that_differs_has_its_reason(api, versions):
    found = diff(api, versions.after, versions.before)

    names = {event_id: name for name, event_id in versions.events.items()}
    rows = {names[uuid.UUID(row["event_ids"][0])]: row for row in found["rows"]}
    assert {name: (row["change"], row["reason"], row["sentence"]) for name, row in rows.items()} == {
        "dropped": ("removed", "dropped", "A reviewer dropped it: off_topic."),
        "queued": ("removed", "queued", "It waits in the queue. Its edit changes little."),
        "copy": (
            "removed",
            "near_copy",
            f"It is a near-copy of the event {versions.events['same']}: similarity 0.93.",
        ),
        "low": ("removed", "below_floor", "It is good with probability 0.60, below 0.90."),
        "barred": ("removed", "not_allowed", "Its user, or the user who edited it, objects to training."),
        "deleted": ("removed", "deleted", "Its event was deleted."),
        "unread": (
            "removed",
            "not_considered",
            "It was not read: it came later, is outside the filters, or is beyond the events read.",
        ),
        "new": ("added", "new", "weekly v1.0.0 did not read it."),
        "waited": ("added", "queue_before", "It waited in the queue in weekly v1.0.0."),
        "met": ("added", "over_limit", "weekly v1.0.0: 3 places behind the last row that the limit admits."),
        "edited": ("changed", "edited", "A reviewer wrote a better answer."),
    }
    assert rows["edited"]["differing"] == ["answer"]
    assert found["counts"]["example"] == {"removed": 7, "added": 3, "changed": 1, "unchanged": 1}
    assert found["counts"]["pair"] == {"removed": 0, "added": 0, "changed": 0, "unchanged": 0}
    assert found["reasons"]["added"] == {"new": 1, "over_limit": 1, "queue_before": 1}
    assert (found["set"]["semantic_version"], found["against"]["semantic_version"]) == ("2.0.0", "1.0.0")


def test_shifts_compare_labels_decisions_versions_and_lengths(api, versions):
    found = diff(api, versions.after, versions.before)

    response = "Open the settings page, choose Security and follow the link."
    assert found["before"]["example"] == {
        "rows": 9,
        "labels": {"high_quality": 9},
        "decisions": {"": 9},
        "model_versions": {"v1": 9},
        "mean_characters": float(len(response)),
    }
    assert found["after"]["example"] == {
        "rows": 5,
        "labels": {"diverse": 1, "high_quality": 4},
        "decisions": {"": 2, "edit": 1, "keep": 2},
        "model_versions": {"v1": 5},
        "mean_characters": (4 * len(response) + len("Better.")) / 5,
    }


def test_a_set_is_compared_with_its_parent_by_default(api, versions):
    CuratedSet.objects.filter(pk=versions.after.pk).update(parent=versions.before)

    answer = api.get(f"/api/v1/curated-sets/{versions.after.pk}/diff")

    assert (answer.status_code, answer.data["against"]["id"], answer.data["total"]) == (200, versions.before.pk, 11)


def test_rows_come_in_pages_and_by_change(api, versions):
    first = diff(api, versions.after, versions.before, limit=8)
    rest = diff(api, versions.after, versions.before, limit=8, offset=first["next_offset"])
    added = diff(api, versions.after, versions.before, change="added")

    assert (len(first["rows"]), first["total"], first["next_offset"]) == (8, 11, 8)
    assert (len(rest["rows"]), rest["next_offset"]) == (3, None)
    assert [row["change"] for row in first["rows"] + rest["rows"]] == ["removed"] * 7 + ["added"] * 3 + ["changed"]
    assert (added["total"], {row["change"] for row in added["rows"]}) == (3, {"added"})


def test_erased_rows_and_pairs_have_reasons_too(api):
    before, after = CuratedSetFactory(version=1), CuratedSetFactory(version=2)
    gone = CuratedExampleFactory(curated_set=before, erased_at=NOON, prompt="", response="")
    kept, left, made = (CuratedPairFactory(curated_set=one) for one in (before, before, after))
    dropped = CuratedPairFactory(
        curated_set=after,
        chosen_event_id=left.chosen_event_id,
        rejected_event_id=left.rejected_event_id,
        decision=Decision.DROP,
    )

    found = diff(api, after, before)

    reasons = {row["id"]: (row["change"], row["kind"], row["reason"]) for row in found["rows"]}
    assert reasons == {
        gone.pk: ("removed", "example", "erased"),
        kept.pk: ("removed", "pair", "not_paired"),
        left.pk: ("removed", "pair", "dropped"),
        made.pk: ("added", "pair", "paired"),
    }
    assert dropped.pk not in reasons
    assert (found["before"]["example"]["rows"], found["before"]["example"]["mean_characters"]) == (0, None)


@pytest.mark.parametrize("case", ["other deployment", "unknown", "missing", "not a change"])
def test_what_cannot_be_compared_is_an_error(api, case):
    curated_set = CuratedSetFactory(name="weekly", version=1)
    other = CuratedSetFactory(deployment=DeploymentFactory(id="shop"), name="weekly", version=2)
    queries = {
        "other deployment": ({"against": other.pk}, 400, "against"),
        "unknown": ({"against": 987_654_321}, 404, ""),
        "missing": ({}, 409, ""),
        "not a change": ({"against": curated_set.pk, "change": "moved"}, 400, "change"),
    }
    query, status, field = queries[case]

    answer = api.get(f"/api/v1/curated-sets/{curated_set.pk}/diff", query)

    assert (answer.status_code, answer.data["errors"][0]["field"]) == (status, field)


def test_the_console_compares_with_the_parent_or_a_chosen_version(console, versions, django_assert_max_num_queries):
    older = CuratedSetFactory(name="weekly", version=9, status=CuratedSetStatus.REJECTED)
    CuratedSet.objects.filter(pk=versions.after.pk).update(parent=versions.before)
    address = f"/admin/curation/curatedset/{versions.after.pk}/diff/"

    with django_assert_max_num_queries(12):
        page = console.get(address).content.decode()
    chosen = console.get(address, {"against": older.pk}).content.decode()
    added = console.get(address, {"change": "added"}).content.decode()

    for text in ("Removed 7", "Added 3", "Changed 1", "A reviewer dropped it: off_topic.", "unchanged since"):
        assert text in page
    assert "weekly v1.0.0 did not read it." in added
    assert "Added 5" in chosen
    assert (
        f'href="{address}"' in console.get(f"/admin/curation/curatedset/{versions.after.pk}/change/").content.decode()
    )


def test_a_first_version_has_nothing_to_compare_with(console):
    only = CuratedSetFactory(name="weekly", version=1)

    page = console.get(f"/admin/curation/curatedset/{only.pk}/diff/").content.decode()

    assert "has no other version to compare with." in page
