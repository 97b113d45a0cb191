import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from rest_framework.test import APIClient

from curation.choices import CuratedSetStatus, ReviewAction
from curation.models import CuratedExample, CuratedSet, ReviewDecision
from feedback.access import keys
from tests.curation.factories import CuratedExampleFactory, CuratedSetFactory
from tests.factories import ALL_SCOPES, DeploymentFactory, UserFactory

DRAFT, IN_REVIEW, APPROVED = CuratedSetStatus.DRAFT, CuratedSetStatus.IN_REVIEW, CuratedSetStatus.APPROVED
REJECTED, SUPERSEDED, BUILDING = CuratedSetStatus.REJECTED, CuratedSetStatus.SUPERSEDED, CuratedSetStatus.BUILDING

pytestmark = pytest.mark.django_db


def client_of(user, scopes=ALL_SCOPES):
    _, secret = keys.create(user, "test", scopes)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def user_with(*permissions):
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def user_who_approves():
    return user_with("approve_curatedset")


def step(client, curated_set, name, note=""):
    return client.post(f"/api/v1/curated-sets/{curated_set.pk}/{name}", {"note": note}, format="json")


def history(curated_set):
    return list(curated_set.decisions.values_list("action", "from_status", "to_status", "by__username", "note"))


def test_a_set_is_submitted_and_approved_and_every_step_is_recorded():
    author, approver = user_with("change_curatedset"), user_who_approves()
    curated_set = CuratedSetFactory(examples=1, created_by=author)

    submitted = step(client_of(author), curated_set, "submit", "please look")
    approved = step(client_of(approver), curated_set, "approve", "good")

    assert (submitted.status_code, submitted.data["status"]) == (200, "in_review")
    assert (approved.status_code, approved.data["status"]) == (200, "approved")
    assert approved.data["decided_by"] == approver.username
    assert [decision["action"] for decision in approved.data["decisions"]] == ["submit", "approve"]
    assert history(curated_set) == [
        (ReviewAction.SUBMIT, DRAFT, IN_REVIEW, author.username, "please look"),
        (ReviewAction.APPROVE, IN_REVIEW, APPROVED, approver.username, "good"),
    ]


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize(
    ("name", "permission", "status"),
    [
        ("submit", "change_curatedset", "in_review"),
        ("approve", "approve_curatedset", "approved"),
        ("reject", "approve_curatedset", "rejected"),
    ],
)
def test_a_step_needs_its_permission(allowed, name, permission, status):
    client = client_of(user_with(permission) if allowed else UserFactory())
    curated_set = CuratedSetFactory(examples=1)

    answer = step(client, curated_set, name, "because")

    curated_set.refresh_from_db()
    assert answer.status_code == (200 if allowed else 403)
    assert curated_set.status == (status if allowed else DRAFT)
    assert curated_set.decisions.count() == int(allowed)


@pytest.mark.parametrize(("permissions", "expected"), [([], 403), (["add_curatedset"], 202)])
def test_curating_needs_the_permission(permissions, expected):
    DeploymentFactory(id="helpdesk")
    client = client_of(user_with(*permissions))

    answer = client.post("/api/v1/deployments/helpdesk/curated-sets", {"name": "weekly"}, format="json")

    assert answer.status_code == expected
    assert CuratedSet.objects.count() == int(expected == 202)


def test_a_decision_needs_the_scope_operate():
    curated_set = CuratedSetFactory(examples=1)

    answer = step(client_of(user_who_approves(), ["read"]), curated_set, "approve")

    assert answer.status_code == 403
    assert answer.data["errors"][0]["message"] == "This API key lacks the scope operate."


@pytest.mark.parametrize(
    ("status", "submit", "approve", "reject"),
    [
        (DRAFT, 200, 200, 200),
        (IN_REVIEW, 409, 200, 200),
        (APPROVED, 409, 409, 409),
        (REJECTED, 409, 409, 409),
        (SUPERSEDED, 409, 409, 409),
    ],
)
def test_only_an_undecided_set_can_be_decided_once(api, status, submit, approve, reject):
    for name, expected in (("submit", submit), ("approve", approve), ("reject", reject)):
        curated_set = CuratedSetFactory(status=status)

        assert step(api, curated_set, name, "because").status_code == expected

        assert curated_set.decisions.count() == (1 if expected == 200 else 0)


def test_a_second_decision_is_a_conflict_with_a_reason(api):
    curated_set = CuratedSetFactory(examples=1, name="weekly", version=3)
    step(api, curated_set, "approve")

    answer = step(api, curated_set, "reject", "too late")

    assert answer.status_code == 409
    assert answer.data["errors"][0]["message"] == "weekly v3.0.0 of helpdesk is already approved."


@pytest.mark.parametrize("status", [BUILDING, DRAFT])
@pytest.mark.parametrize("name", ["submit", "approve", "reject"])
def test_a_set_without_examples_is_not_decided(api, status, name):
    curated_set = CuratedSetFactory(status=status, content_hash="")

    assert step(api, curated_set, name, "because").status_code == 409
    assert not ReviewDecision.objects.exists()


def test_a_rejection_needs_a_note(api):
    curated_set = CuratedSetFactory(examples=1)

    answer = step(api, curated_set, "reject", "  ")

    assert answer.status_code == 400
    assert answer.data["errors"] == [
        {"field": "note", "code": "required", "message": "A rejection needs a note with the reason."}
    ]
    assert CuratedSet.objects.get().status == DRAFT


def test_approving_needs_no_body_and_rejects_unknown_fields(api):
    curated_set = CuratedSetFactory(examples=1)
    address = f"/api/v1/curated-sets/{curated_set.pk}/approve"

    assert api.post(address, {"notes": "x"}, format="json").status_code == 400
    assert api.post(address).status_code == 200


@pytest.mark.parametrize(
    ("four_eyes", "built_by", "submitted_by", "expected"),
    [
        (False, "approver", "approver", 200),
        (True, "approver", None, 403),
        (True, "approver", "approver", 403),
        (True, None, "approver", 403),
        (True, None, None, 403),
        (True, "other", None, 200),
        (True, "approver", "other", 200),
        (True, None, "other", 200),
        (True, "other", "approver", 200),
    ],
)
def test_with_four_eyes_another_user_must_have_handled_the_set(settings, four_eyes, built_by, submitted_by, expected):
    settings.FOUR_EYES = four_eyes
    people = {"approver": user_who_approves(), "other": UserFactory(), None: None}
    curated_set = CuratedSetFactory(examples=1, created_by=people[built_by], submitted_by=people[submitted_by])

    answer = step(client_of(people["approver"]), curated_set, "approve")

    curated_set.refresh_from_db()
    assert answer.status_code == expected
    assert curated_set.status == (APPROVED if expected == 200 else DRAFT)


def test_a_newly_approved_version_supersedes_the_older_ones_of_its_name(api, operator):
    first, rejected, other = (
        CuratedSetFactory(version=1, status=APPROVED),
        CuratedSetFactory(version=2, status=REJECTED),
        CuratedSetFactory(version=1, name="other", status=APPROVED),
    )
    newer = CuratedSetFactory(version=4, status=APPROVED)
    second = CuratedSetFactory(version=3)

    step(api, second, "approve")

    statuses = dict(CuratedSet.objects.values_list("pk", "status"))
    assert statuses == {
        first.pk: SUPERSEDED,
        rejected.pk: REJECTED,
        other.pk: APPROVED,
        newer.pk: APPROVED,
        second.pk: APPROVED,
    }
    assert history(first) == [
        (ReviewAction.SUPERSEDE, APPROVED, SUPERSEDED, operator.username, "Version 3.0.0 was approved.")
    ]


@pytest.mark.parametrize("status", [APPROVED, REJECTED, SUPERSEDED, DRAFT])
@pytest.mark.parametrize(
    "change",
    [
        lambda example: CuratedExample.objects.filter(pk=example.pk).update(response="changed"),
        lambda example: CuratedExample.objects.filter(pk=example.pk).delete(),
        lambda example: CuratedExampleFactory(curated_set=example.curated_set, position=9),
        lambda example: CuratedSet.objects.filter(pk=example.curated_set_id).update(content_hash="d" * 64),
    ],
    ids=["update example", "delete example", "add example", "update set"],
)
def test_the_database_rejects_changes_to_a_decided_set(change, status):
    example = CuratedExampleFactory(position=0)
    CuratedSet.objects.filter(pk=example.curated_set_id).update(status=status)
    refused = status != DRAFT

    if refused:
        with pytest.raises(IntegrityError, match="read-only"), transaction.atomic():
            change(example)
    else:
        change(example)

    kept = CuratedExample.objects.filter(pk=example.pk, response=example.response, curated_set__content_hash="c" * 64)
    assert refused <= kept.exists()


def test_the_database_does_not_move_an_example_out_of_an_approved_set():
    example = CuratedExampleFactory()
    CuratedSet.objects.update(status=APPROVED)
    draft = CuratedSetFactory(name="draft")

    with pytest.raises(IntegrityError, match="read-only"), transaction.atomic():
        CuratedExample.objects.filter(pk=example.pk).update(curated_set=draft)


def test_the_database_keeps_every_decision(api):
    curated_set = CuratedSetFactory(examples=1)
    step(api, curated_set, "submit")

    for statement in ("UPDATE curation_reviewdecision SET note = 'x'", "DELETE FROM curation_reviewdecision"):
        with pytest.raises(IntegrityError, match="only added"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    assert history(curated_set)[0][0] == ReviewAction.SUBMIT


def test_examples_show_the_decision_on_their_set(api):
    for name, decision in (("approve", "approved"), ("reject", "rejected"), ("submit", None)):
        curated_set = CuratedSetFactory(examples=1, name=name)
        step(api, curated_set, name, "because")

        rows = api.get(f"/api/v1/curated-sets/{curated_set.pk}/examples").data["results"]

        assert [row["decision"] for row in rows] == [decision]
