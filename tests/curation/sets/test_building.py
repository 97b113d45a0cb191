import uuid
from datetime import timedelta

import pytest

from curation.choices import CuratedSetStatus, Strategy
from curation.models import CuratedExample, CuratedSet
from curation.sets import building
from feedback.choices import SignalType
from feedback.models import Deployment
from tests.curation.conftest import Unreachable
from tests.curation.factories import CuratedSetFactory
from tests.factories import NOON, DeploymentFactory, EventFactory, SignalFactory

SETS = "/api/v1/deployments/helpdesk/curated-sets"


@pytest.fixture(autouse=True)
def _helpdesk(db, embedding):
    DeploymentFactory(id="helpdesk")


@pytest.fixture
def curate(api, running_tasks):
    """Curate through the API and return the set as the API shows it."""

    def request(**body):
        with running_tasks():
            answer = api.post(SETS, {"name": "weekly", **body}, format="json")
        assert answer.status_code == 202, answer.data
        return api.get(f"/api/v1/curated-sets/{answer.data['id']}").data

    return request


def event_with(*kinds, number=0, quality=0.9, **fields):
    fields = {"prompt": f"Question {number}?", "response": f"Answer {number}.", **fields}
    event = EventFactory(quality_score=quality, occurred_at=NOON - timedelta(minutes=number), **fields)
    for kind in kinds:
        SignalFactory(event_id=event.id, type=kind)
    return event


def edit(event, text, *, minutes=0, **fields):
    return SignalFactory(
        event_id=event.id,
        type=SignalType.EDIT,
        edited_response=text,
        occurred_at=NOON + timedelta(minutes=minutes),
        user_hash=uuid.uuid4().hex,
        **fields,
    )


def test_a_request_returns_at_once_and_a_task_builds_the_set(api, running_tasks):
    event = event_with(SignalType.THUMBS_UP)
    with running_tasks():
        answer = api.post(SETS, {"name": "weekly"}, format="json")
    built = CuratedSet.objects.get()

    assert answer.status_code == 202
    assert answer.data == {"id": built.pk, "status": "building"}
    assert (built.status, built.version, built.candidates, built.limit, built.seed) == ("draft", 1, 1, 1000, 0)
    assert [example.event_id for example in built.examples.all()] == [event.id]


def test_the_four_strategies_fill_one_set(curate, api):
    rewritten = event_with(number=0)
    edit(rewritten, "A better answer.")
    praised = event_with(SignalType.THUMBS_UP, number=1)
    poor = event_with(number=2, quality=0.2)
    other = event_with(number=3, quality=0.7)
    unscored = event_with(number=4, quality=None)

    shown = curate()

    assert shown["status"] == "draft"
    assert shown["counts"] == {
        "total": 4,
        "by_strategy": {"user_edit": 1, "high_quality": 1, "hard_example": 1, "diverse": 1},
    }
    assert len(shown["content_hash"]) == 64
    assert shown["error"] == ""
    examples = api.get(f"/api/v1/curated-sets/{shown['id']}/examples").data["results"]
    assert [(row["event_id"], row["strategy"], row["score"]) for row in examples] == [
        (str(rewritten.id), "user_edit", 10.0),
        (str(praised.id), "high_quality", 3.9),
        (str(poor.id), "hard_example", 0.8),
        (str(other.id), "diverse", 1.0),
    ]
    assert examples[0]["edited_response"] == "A better answer."
    assert examples[0]["response"] == "Answer 0."
    assert examples[2]["reason"] == "Quality 0.20."
    assert {row["decision"] for row in examples} == {None}
    assert str(unscored.id) not in {row["event_id"] for row in examples}


def test_an_example_is_a_snapshot_kept_after_its_event(curate):
    messages = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}]
    event = event_with(SignalType.COPY, messages=messages, prompt="Hi", model_version_id="v7")
    curate()
    event.delete()

    example = CuratedExample.objects.get()

    assert example.messages == messages
    assert (example.prompt, example.response) == ("Hi", "Answer 0.")
    assert (example.model_version_id, example.occurred_at) == ("v7", NOON)


@pytest.mark.parametrize(
    ("edits", "kept"),
    [
        (["One."], "One."),
        (["One.", "Two."], "Two."),
        (["One.", "  Answer 0.  "], "One."),
        (["Answer 0."], None),
        (["   "], None),
    ],
)
def test_the_newest_edit_that_changes_the_answer_wins(curate, edits, kept):
    event = event_with(quality=0.7)
    for minutes, text in enumerate(edits):
        edit(event, text, minutes=minutes)

    shown = curate(strategies=["user_edit"])

    assert list(CuratedExample.objects.values_list("edited_response", flat=True)) == ([kept] if kept else [])
    assert shown["counts"]["total"] == (1 if kept else 0)


def test_a_replaced_signal_does_not_count(curate):
    event = event_with(quality=0.95)
    SignalFactory(event_id=event.id, type=SignalType.THUMBS_UP, live=False)
    edit(event, "An edit of the past.", live=False)

    shown = curate(strategies=["user_edit", "high_quality"])

    assert shown["counts"]["total"] == 0


def test_an_old_event_is_found_by_its_signal(curate, settings):
    settings.CURATION_CANDIDATES = 2
    for number in range(5):
        event_with(number=number)
    old = event_with(number=90)
    edit(old, "Much better.")

    shown = curate(strategies=["user_edit"])

    assert [example.event_id for example in CuratedExample.objects.all()] == [old.id]
    assert CuratedSet.objects.get(pk=shown["id"]).candidates == 3


def test_events_of_other_deployments_are_not_candidates(curate):
    event_with(SignalType.THUMBS_UP, deployment_id="other")

    assert curate()["counts"]["total"] == 0


def test_an_empty_build_shows_the_reason_and_cannot_be_submitted(curate, api):
    event_with(quality=None)

    shown = curate(strategies=["high_quality", "hard_example"])

    assert shown["status"] == "draft"
    assert shown["content_hash"] == ""
    assert shown["error"] == "Nothing to curate: none of the 1 events read matches high_quality, hard_example."
    assert api.post(f"/api/v1/curated-sets/{shown['id']}/submit").status_code == 409


def test_a_failing_embedding_client_fails_the_build_visibly(api, embedding, running_tasks):
    embedding(Unreachable)
    event_with(SignalType.THUMBS_UP)
    event_with(number=1)

    with pytest.raises(ConnectionError), running_tasks():
        api.post(SETS, {"name": "weekly"}, format="json")

    failed = CuratedSet.objects.get()
    assert failed.status == CuratedSetStatus.DRAFT
    assert failed.error == "The build failed: ConnectionError: no answer from the embedding server"
    assert (failed.counts, failed.content_hash, failed.examples.count()) == ({}, "", 0)


def test_without_diverse_the_embedding_client_is_not_called(curate, embedding):
    embedding(Unreachable)
    event_with(SignalType.THUMBS_UP)

    assert curate(strategies=["high_quality"])["counts"]["total"] == 1


def test_the_limit_is_the_total(curate):
    for number in range(6):
        edit(event_with(number=number), f"Better {number}.", minutes=-number)

    shown = curate(limit=4)

    assert shown["counts"] == {"total": 4, "by_strategy": {"user_edit": 4}}
    assert list(CuratedExample.objects.values_list("edited_response", flat=True)) == [f"Better {n}." for n in range(4)]


def test_the_same_events_and_seed_give_the_same_content_hash_in_the_next_version(curate):
    for number in range(8):
        event_with(number=number, quality=0.6 + number / 100)

    first, second = curate(seed=3, limit=5), curate(seed=3, limit=5)

    assert (first["version"], second["version"]) == (1, 2)
    assert first["content_hash"] == second["content_hash"]


def test_a_second_run_of_the_task_changes_nothing(curate):
    event_with(SignalType.THUMBS_UP)
    shown = curate()
    event_with(SignalType.THUMBS_UP, number=1)

    built = building.build(shown["id"])

    assert built.total == 1
    assert built.content_hash == shown["content_hash"]


def test_a_set_given_up_during_the_build_gets_no_examples(monkeypatch):
    event_with(SignalType.THUMBS_UP)
    curated_set = CuratedSetFactory(status=CuratedSetStatus.BUILDING, content_hash="")
    read = building.candidates.read

    def give_up_and_read(*args, **kwargs):
        CuratedSet.objects.update(status=CuratedSetStatus.DRAFT, error="Took too long.")
        return read(*args, **kwargs)

    monkeypatch.setattr(building.candidates, "read", give_up_and_read)
    building.build(curated_set.pk)

    curated_set.refresh_from_db()
    assert (curated_set.error, curated_set.examples.count()) == ("Took too long.", 0)


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "name", "required"),
        ({"name": "x", "limit": 0}, "limit", "min_value"),
        ({"name": "x", "seed": -1}, "seed", "min_value"),
        ({"name": "x", "strategies": []}, "strategies", "empty"),
        ({"name": "x", "strategies": ["best"]}, "strategies.0", "invalid_choice"),
        ({"name": "x", "strategy": "diverse"}, "strategy", "unknown_field"),
    ],
)
def test_an_invalid_body_creates_no_set(api, body, field, code):
    answer = api.post(SETS, body, format="json")

    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.data["errors"]] == [(field, code)]
    assert not CuratedSet.objects.exists()


def test_an_unknown_deployment_is_not_found(api):
    assert api.post("/api/v1/deployments/nobody/curated-sets", {"name": "x"}, format="json").status_code == 404
    assert api.get("/api/v1/deployments/nobody/curated-sets").status_code == 404
    assert api.get("/api/v1/curated-sets/404").status_code == 404
    assert api.get("/api/v1/curated-sets/404/examples").status_code == 404


def test_the_sets_of_a_deployment_are_listed_newest_first(api):
    CuratedSetFactory(name="elsewhere", deployment=Deployment.objects.create(pk="other"))
    for name in ("first", "second"):
        CuratedSetFactory(name=name)

    page = api.get(SETS, {"page_size": 1}).data

    assert [row["name"] for row in page["results"]] == ["second"]
    assert [row["name"] for row in api.get(page["next"]).data["results"]] == ["first"]


def test_examples_are_paged_in_order(api):
    curated_set = CuratedSetFactory(examples=3)

    page = api.get(f"/api/v1/curated-sets/{curated_set.pk}/examples", {"page_size": 2}).data
    last = api.get(page["next"]).data

    expected = [str(example.event_id) for example in curated_set.examples.in_order()]
    assert [row["event_id"] for row in [*page["results"], *last["results"]]] == expected
    assert last["next"] is None


def test_strategies_are_kept_once_and_in_their_order(curate):
    event_with(SignalType.THUMBS_UP)

    assert curate(strategies=["high_quality", "user_edit", "high_quality"])["strategies"] == [
        Strategy.USER_EDIT,
        Strategy.HIGH_QUALITY,
    ]
