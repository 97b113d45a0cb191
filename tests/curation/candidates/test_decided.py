"""What people decided about texts holds in later sets."""

import pytest

from curation.choices import Decision, Strategy
from curation.review import rows
from curation.sets import building, requesting
from feedback.models import EvidenceSnapshot, TrainingObjection
from tests.curation.voting import edited, voted
from tests.factories import DeploymentFactory, UserFactory

pytestmark = pytest.mark.django_db
EDITOR = "e" * 64


@pytest.fixture(autouse=True)
def _helpdesk(embedding):
    DeploymentFactory(id="helpdesk")


@pytest.fixture
def reviewer():
    return UserFactory(is_superuser=True)


def curate(*strategies):
    return building.build(requesting.create("helpdesk", name="x", by=None, strategies=strategies).pk)


def rewritten(number=0):
    event = voted(number=number)
    edited(event, f"{event.response[:-1]}, and has been since last week.", user=EDITOR)
    return event


def test_an_edit_that_was_dropped_is_not_offered_again(reviewer):
    rewritten()
    row = curate("user_edit").examples.get()

    rows.decide(row, Decision.DROP, by=reviewer, reason="wrong")

    assert curate("user_edit").examples.count() == 0


def test_another_edit_of_the_same_answer_is(reviewer):
    event = rewritten()
    rows.decide(curate("user_edit").examples.get(), Decision.DROP, by=reviewer)
    edited(event, f"{event.response[:-1]}, but only on Mondays.", minutes=5)

    row = curate("user_edit").examples.get()

    assert row.edited_response == f"{event.response[:-1]}, but only on Mondays."


def test_the_better_answer_of_a_reviewer_is_an_example_of_the_next_set(reviewer):
    event = voted(down=4)
    row = curate("hard_example").examples.get()
    rows.decide(row, Decision.EDIT, by=reviewer, edited_response="It is seven, as the manual says.")

    found = curate("user_edit").examples.get()

    assert (found.event_id, found.strategy, found.queue_reason) == (event.id, Strategy.USER_EDIT, "")
    assert (found.edited_response, found.editor_hash) == ("It is seven, as the manual says.", "")
    assert found.reason.startswith("A reviewer rewrote the answer on ")
    assert found.reason.endswith("A reviewer wrote it in x v1.0.0 of helpdesk.")


def test_a_kept_edit_stays_that_of_its_user_who_may_object(reviewer):
    rewritten()
    rows.decide(curate("user_edit").examples.get(), Decision.KEEP, by=reviewer)

    kept = curate("user_edit").examples.get()
    TrainingObjection.objects.create(user_hash=EDITOR, by=reviewer)

    assert (kept.editor_hash, kept.reason.rpartition(". ")[2]) == (
        EDITOR,
        "A reviewer kept it in x v1.0.0 of helpdesk.",
    )
    assert curate("user_edit").examples.count() == 0


def test_a_decision_fits_the_votes_again_before_the_next_set(reviewer):
    voted(down=4)
    row = curate("hard_example").examples.get()
    before = EvidenceSnapshot.objects.newest_of("helpdesk")

    rows.decide(row, Decision.DROP, by=reviewer, reason="right_answer")
    curate("hard_example")

    after = EvidenceSnapshot.objects.newest_of("helpdesk")
    assert (before.gold_scores, after.gold_scores, after.pk > before.pk) == (0, 1, True)
