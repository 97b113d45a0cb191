"""A decided set is reopened as a draft with copies of its rows; versions are numbered x.y.z."""

import pytest

from curation.choices import CuratedSetStatus, Decision, PairSource, Strategy
from curation.models import CuratedExample, CuratedSet, TracedEvents
from curation.review import rows, sealing
from curation.sets import content
from exports.erasures import erasing
from tests.curation.factories import (
    CuratedExampleFactory,
    CuratedPairFactory,
    CuratedSetFactory,
    DuplicateLinkFactory,
)
from tests.curation.review.test_approval import client_of, step, user_with
from tests.factories import NOON, DeploymentFactory, EventFactory

pytestmark = pytest.mark.django_db
APPROVED, REJECTED, SUPERSEDED = CuratedSetStatus.APPROVED, CuratedSetStatus.REJECTED, CuratedSetStatus.SUPERSEDED
ROW_FIELDS = [
    field.attname
    for field in CuratedExample._meta.concrete_fields
    if field.name not in ("id", "curated_set", "row_hash")
]


def reopen(client, curated_set):
    return client.post(f"/api/v1/curated-sets/{curated_set.pk}/reopen")


def a_set(**options):
    """Two examples, one of them dropped by a reviewer, one row of the queue and a pair of votes."""
    curated_set = CuratedSetFactory(name="weekly", version=3, candidates=9, seed=7, **options)
    for position, more in enumerate([{}, {}, {"queue_reason": "It is bad.", "strategy": Strategy.HARD_EXAMPLE}]):
        event = EventFactory(deployment_id="helpdesk")
        CuratedExampleFactory(curated_set=curated_set, position=position, event_id=event.pk, **more)
    CuratedPairFactory(curated_set=curated_set, position=0)
    CuratedSet.objects.filter(pk=curated_set.pk).update(**content.counted(curated_set))
    return curated_set


def decided_set(operator, api, decision="approve"):
    curated_set = a_set()
    first, second, _ = curated_set.examples.in_order()
    DuplicateLinkFactory(curated_set=curated_set)
    TracedEvents.objects.create(curated_set=curated_set, first_id=first.event_id, rows=b"x")
    rows.decide(first, Decision.EDIT, by=operator, edited_response="A better answer.")
    rows.decide(second, Decision.DROP, by=operator, reason="duplicate", note="As above.")
    assert step(api, curated_set, decision, "because").status_code == 200
    return CuratedSet.objects.get(pk=curated_set.pk)


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_reopened_set_is_a_draft_with_the_rows_and_their_decisions(api, operator, decision):
    source = decided_set(operator, api, decision)
    before = list(CuratedSet.objects.filter(pk=source.pk).values()), list(source.examples.values())

    answer = reopen(api, source)

    assert answer.status_code == 201
    facts = {name: answer.data[name] for name in ("version", "semantic_version", "parent", "status", "created_by")}
    assert facts == {
        "version": 4,
        "semantic_version": "3.0.1",
        "parent": source.pk,
        "status": "draft",
        "created_by": operator.username,
    }
    copy = CuratedSet.objects.get(pk=answer.data["id"])
    assert list(copy.examples.values(*ROW_FIELDS)) == list(source.examples.values(*ROW_FIELDS))
    assert [row.decision for row in copy.examples.in_order()] == ["edit", "drop", ""]
    assert [pair.pair_source for pair in copy.pair_rows.in_order()] == [PairSource.VOTES, PairSource.REVIEW]
    made = ["decision", "reason", "note", "edited_response", "score", "by", "at", "recorded_at", "example__event_id"]
    assert list(copy.row_decisions.values(*made)) == list(source.row_decisions.values(*made))
    assert (copy.counts, copy.queued, copy.pairs) == ({"high_quality": 1}, {"hard_example": 1}, 2)
    assert copy.content_hash == content.hashed(source)["content_hash"]
    assert (copy.candidates, copy.seed, copy.salt, copy.sealed_hash) == (9, 7, "", "")
    assert (copy.duplicate_links.count(), copy.traces.count()) == (1, 1)
    assert before == (list(CuratedSet.objects.filter(pk=source.pk).values()), list(source.examples.values()))


def test_a_copy_is_decided_by_itself(api, operator):
    source = decided_set(operator, api)
    copy = CuratedSet.objects.get(pk=reopen(api, source).data["id"])
    dropped = copy.examples.get(decision=Decision.DROP)

    rows.decide(dropped, Decision.KEEP, by=operator)
    approved = step(api, copy, "approve")

    assert approved.data["counts"]["total"] == 2
    assert [one["note"] for one in api.get(f"/api/v1/curated-sets/{source.pk}").data["decisions"]] == [
        "because",
        "Version 3.0.1 was approved.",
    ]
    source.refresh_from_db()
    copy.refresh_from_db()
    assert (source.status, source.counts) == (SUPERSEDED, {"high_quality": 1})
    assert copy.content_hash != source.content_hash
    assert sealing.check(source).is_unchanged
    assert sealing.check(copy).is_unchanged


@pytest.mark.parametrize("status", [CuratedSetStatus.BUILDING, CuratedSetStatus.DRAFT, CuratedSetStatus.IN_REVIEW])
def test_only_a_decided_set_is_reopened(api, status):
    curated_set = a_set(status=status)

    answer = reopen(api, curated_set)

    sentence = "only an approved, rejected or superseded set can be reopened."
    shown = curated_set.get_status_display().lower()
    assert (answer.status_code, answer.data["errors"][0]["message"]) == (
        409,
        f"weekly v3.0.0 of helpdesk is {shown}; {sentence}",
    )
    assert CuratedSet.objects.count() == 1


@pytest.mark.parametrize(("permissions", "expected"), [([], 403), (["add_curatedset"], 201)])
def test_reopening_needs_the_permission_to_curate(permissions, expected):
    source = CuratedSetFactory(examples=1)
    CuratedSet.objects.update(status=REJECTED)

    assert reopen(client_of(user_with(*permissions)), source).status_code == expected
    assert CuratedSet.objects.count() == (2 if expected == 201 else 1)


def test_erased_rows_are_not_copied_and_an_erasure_reaches_every_copy(api, operator):
    hashed = "a" * 64
    source = CuratedSetFactory(name="weekly", version=1)
    for position, user in enumerate(["", hashed, hashed, ""]):
        CuratedExampleFactory(curated_set=source, position=position, user_hash=user)
    CuratedSet.objects.filter(pk=source.pk).update(status=APPROVED, decided_at=NOON, decided_by=operator)
    early = CuratedSet.objects.get(pk=reopen(api, source).data["id"])
    decided = CuratedSet.objects.get(pk=reopen(api, source).data["id"])
    step(api, decided, "approve")

    erasing.run(erasing.request_of([hashed], by=operator).pk)

    late = CuratedSet.objects.get(pk=reopen(api, source).data["id"])
    assert [row.position for row in early.examples.in_order()] == [0, 1]
    assert [row.position for row in late.examples.in_order()] == [0, 1]
    assert [bool(row.erased_at) for row in decided.examples.in_order()] == [False, True, True, False]
    decided.refresh_from_db()
    assert sealing.check(decided).is_unchanged
    assert not CuratedExample.objects.of_people([hashed]).exists()
    assert late.content_hash == CuratedSet.objects.get(pk=early.pk).content_hash


def test_versions_count_requests_builds_and_copies(api, operator):
    wanted = {"name": "weekly", "strategies": ["high_quality"], "limit": 5}

    def request(**more):
        answer = api.post("/api/v1/deployments/helpdesk/curated-sets", wanted | more, format="json")
        CuratedSet.objects.filter(pk=answer.data["id"]).update(status=REJECTED, content_hash="c" * 64)
        return answer.data["id"]

    DeploymentFactory(id="helpdesk")
    first = request()
    request()
    other = request(limit=6)
    api.post(f"/api/v1/curated-sets/{first}/reopen")
    api.post(f"/api/v1/curated-sets/{first}/next-version")
    api.post(f"/api/v1/curated-sets/{other}/reopen")

    listed = api.get("/api/v1/deployments/helpdesk/curated-sets").data["results"][::-1]
    by_id = {one["id"]: one["semantic_version"] for one in listed}
    assert [(one["version"], one["semantic_version"], by_id.get(one["parent"])) for one in listed] == [
        (1, "1.0.0", None),
        (2, "1.1.0", "1.0.0"),
        (3, "2.0.0", "1.1.0"),
        (4, "1.0.1", "1.0.0"),
        (5, "1.2.0", "1.0.0"),
        (6, "2.0.1", "2.0.0"),
    ]


def test_the_console_reopens_a_set(console):
    source = CuratedSetFactory(name="weekly", version=3, examples=1)
    CuratedSet.objects.update(status=REJECTED)
    address = f"/admin/curation/curatedset/{source.pk}/reopen/"

    answer = console.post(address, {"_form_submitted": True})

    copy = CuratedSet.objects.exclude(pk=source.pk).get()
    page = console.get(answer.headers["HX-Redirect"]).content.decode()
    assert answer.headers["HX-Redirect"] == f"/admin/curation/curatedset/{copy.pk}/change/"
    assert "weekly v3.0.1 of helpdesk is a draft with the same rows." in page
    assert f'<dt>Made after</dt><dd><a class="cf-link" href="/admin/curation/curatedset/{source.pk}/change/">' in page
    assert "Reopen" in console.get(f"/admin/curation/curatedset/{source.pk}/change/").content.decode()
    assert address.replace(str(source.pk), str(copy.pk)) not in page
