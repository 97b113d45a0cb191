import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from curation.choices import CuratedSetStatus, Strategy
from curation.models import CuratedExample, CuratedSet
from tests.curation.factories import CuratedSetFactory
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:curation_curatedset_changelist")
DRAFT, IN_REVIEW, APPROVED = CuratedSetStatus.DRAFT, CuratedSetStatus.IN_REVIEW, CuratedSetStatus.APPROVED


def page_of(curated_set):
    return reverse("admin:curation_curatedset_change", args=[curated_set.pk])


def action(curated_set, name):
    return reverse(f"admin:curation_curatedset_{name}", args=[curated_set.pk])


def staff_with(*permissions):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def offered(client, curated_set):
    page = client.get(page_of(curated_set)).content.decode()
    return [
        name for name in ("cancel", "submit", "approve", "reject", "next_version") if action(curated_set, name) in page
    ]


def test_the_list_shows_status_counts_hash_and_people(console, operator, django_assert_max_num_queries):
    CuratedSetFactory(
        name="weekly",
        version=3,
        status=APPROVED,
        counts={Strategy.USER_EDIT: 2, Strategy.DIVERSE: 1},
        created_by=operator,
        decided_by=operator,
    )

    with django_assert_max_num_queries(12):
        page = console.get(LIST).content.decode()

    for text in (
        "weekly v3.0.0",
        "helpdesk",
        "Approved",
        "3 (user edit 2, diverse 1)",
        "cccccccccccc",
        operator.username,
    ):
        assert text in page


def test_an_empty_list_shows_how_to_fill_it(console):
    assert "python manage.py curate DEPLOYMENT" in console.get(LIST).content.decode()


def test_the_page_of_a_set_shows_facts_history_and_examples(console, django_assert_max_num_queries):
    curated_set = CuratedSetFactory(examples=3, counts={Strategy.HIGH_QUALITY: 3})
    console.post(action(curated_set, "submit"), {"_form_submitted": True, "note": "Have a look."})

    with django_assert_max_num_queries(12):
        page = console.get(page_of(curated_set)).content.decode()

    for text in ("In review", "3 of at most 100", "Have a look.", "c" * 64, "Quality 0.90 with 1 thumbs up."):
        assert text in page
    for example in curated_set.examples.all():
        assert reverse("admin:feedback_event_change", args=[example.event_id]) in page
        assert reverse("admin:curation_curatedexample_change", args=[example.pk]) in page


def test_an_example_is_shown_in_full(console):
    curated_set = CuratedSetFactory(
        examples=1,
        examples__messages=[{"role": "system", "content": "<b>Be kind.</b>"}],
        examples__edited_response="Yes.",
    )
    example = CuratedExample.objects.get()

    page = console.get(reverse("admin:curation_curatedexample_change", args=[example.pk])).content.decode()

    assert "&lt;b&gt;Be kind.&lt;/b&gt;" in page
    assert example.response in page
    assert "Yes." in page
    assert page_of(curated_set) in page


@pytest.mark.parametrize(
    ("status", "names"),
    [
        (CuratedSetStatus.BUILDING, ["cancel"]),
        (DRAFT, ["submit", "approve", "reject"]),
        (IN_REVIEW, ["approve", "reject"]),
        (APPROVED, ["next_version"]),
        (CuratedSetStatus.REJECTED, ["next_version"]),
        (CuratedSetStatus.SUPERSEDED, ["next_version"]),
    ],
)
def test_buttons_follow_the_state(console, status, names):
    assert offered(console, CuratedSetFactory(status=status)) == names


def test_buttons_follow_the_permissions():
    curated_set = CuratedSetFactory()

    assert offered(staff_with("view_curatedset"), curated_set) == []
    assert offered(staff_with("view_curatedset", "change_curatedset"), curated_set) == ["submit"]
    assert offered(staff_with("view_curatedset", "approve_curatedset"), curated_set) == ["approve", "reject"]


def test_with_four_eyes_users_cannot_approve_their_own_sets(console, operator, settings):
    settings.FOUR_EYES = True

    assert offered(console, CuratedSetFactory(created_by=operator)) == ["submit", "reject"]
    assert offered(console, CuratedSetFactory(created_by=UserFactory())) == ["submit", "approve", "reject"]


def test_a_set_without_examples_shows_the_reason_and_no_actions(console):
    curated_set = CuratedSetFactory(
        content_hash="", error="The build failed: ConnectionError. See the log of the worker."
    )

    assert offered(console, curated_set) == []
    assert (
        "The build failed: ConnectionError. See the log of the worker."
        in console.get(page_of(curated_set)).content.decode()
    )
    assert "No examples" in console.get(LIST).content.decode()


def test_a_decision_is_made_by_post_and_confirmed(console, operator):
    curated_set = CuratedSetFactory(name="weekly", version=2)

    dialog = console.get(action(curated_set, "approve"))
    assert CuratedSet.objects.get().status == DRAFT
    answer = console.post(action(curated_set, "approve"), {"_form_submitted": True, "note": "good"})

    curated_set.refresh_from_db()
    assert b"It can then be exported and can no longer be changed." in dialog.content
    assert answer.headers["HX-Redirect"] == page_of(curated_set)
    assert (curated_set.status, curated_set.decided_by) == (APPROVED, operator)
    assert (
        "weekly v2.0.0 of helpdesk is approved and now read-only." in console.get(page_of(curated_set)).content.decode()
    )


def test_a_rejection_without_a_reason_shows_the_dialog_again(console):
    curated_set = CuratedSetFactory()

    answer = console.post(action(curated_set, "reject"), {"_form_submitted": True, "note": ""})

    assert "This field is required." in answer.content.decode()
    assert CuratedSet.objects.get().status == DRAFT


def test_a_decision_on_a_decided_set_is_rejected_with_a_message(console):
    curated_set = CuratedSetFactory(name="weekly", version=2, status=APPROVED)

    console.post(action(curated_set, "reject"), {"_form_submitted": True, "note": "late"})

    assert "weekly v2.0.0 of helpdesk is already approved." in console.get(page_of(curated_set)).content.decode()
    assert not curated_set.decisions.exists()


def test_a_decision_without_the_permission_is_forbidden():
    curated_set = CuratedSetFactory()
    client = staff_with("view_curatedset", "change_curatedset")

    assert client.post(action(curated_set, "approve"), {"_form_submitted": True}).status_code == 403
    assert CuratedSet.objects.get().status == DRAFT


def test_forms_neither_edit_nor_delete(console):
    curated_set = CuratedSetFactory(name="weekly")

    console.post(page_of(curated_set), {"name": "changed"})
    delete = console.post(reverse("admin:curation_curatedset_delete", args=[curated_set.pk]), {"post": "yes"})

    assert delete.status_code == 403
    assert CuratedSet.objects.get().name == "weekly"
