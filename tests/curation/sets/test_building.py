import pytest

from curation.choices import CuratedSetStatus, Strategy
from curation.models import CuratedExample, CuratedSet
from curation.sets import building
from feedback.models import Deployment
from tests.curation.conftest import Unreachable
from tests.curation.factories import CuratedSetFactory
from tests.curation.voting import edited, phrase, voted
from tests.factories import NOON, DeploymentFactory

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


def test_a_request_returns_at_once_and_a_task_builds_the_set(api, running_tasks):
    event = voted(up=2)
    with running_tasks():
        answer = api.post(SETS, {"name": "weekly"}, format="json")
    built = CuratedSet.objects.get()

    assert answer.status_code == 202
    assert answer.data == {"id": built.pk, "status": "building"}
    assert (built.status, built.version, built.candidates, built.limit, built.seed) == ("draft", 1, 1, 1000, 0)
    assert [example.event_id for example in built.examples.all()] == [event.id]


def better(event):
    return event.response.replace(".", ", as far as I know.")


def rows(api, shown, part="examples"):
    return api.get(f"/api/v1/curated-sets/{shown['id']}/{part}").data["results"]


def test_the_four_strategies_fill_one_set_and_its_queue(curate, api):
    rewritten = voted(number=0)
    edited(rewritten, "A far better answer.")
    praised = voted(up=3, number=1)
    bad = voted(down=2, number=2)
    likely = voted(up=1, number=3)
    silent = voted(number=4)

    shown = curate()

    assert shown["status"] == "draft"
    assert shown["counts"] == {
        "total": 3,
        "by_strategy": {"user_edit": 1, "high_quality": 1, "diverse": 1},
        "queue": 2,
        "pairs": 1,
    }
    assert len(shown["content_hash"]) == 64
    assert (shown["error"], shown["progress"]) == ("", None)
    examples, queue = rows(api, shown), rows(api, shown, "queue")
    assert [(row["event_id"], row["strategy"], round(row["score"], 3)) for row in examples] == [
        (str(rewritten.id), "user_edit", 10.0),
        (str(praised.id), "high_quality", 0.964),
        (str(likely.id), "diverse", 8.5),
    ]
    assert [(row["event_id"], row["strategy"]) for row in queue] == [
        (str(bad.id), "hard_example"),
        (str(silent.id), "diverse"),
    ]
    assert examples[0]["edited_response"] == "A far better answer."
    assert examples[0]["response"] == f"It is {phrase(-1)}."
    assert (examples[1]["p_good"], examples[1]["users"]) == (pytest.approx(27 / 28), 3)
    assert queue[0]["queue_reason"] == "Probably bad: good with probability 0.10: 2 users, 0 for and 2 against it."
    assert queue[1]["queue_reason"] == "No evidence says whether this answer is good."
    assert {row["decision"] for row in [*examples, *queue]} == {None}
    ids = [row["id"] for part in ("examples", "queue", "pairs") for row in rows(api, shown, part)]
    assert len(set(ids)) == len(ids) == 6


def test_form_alone_makes_no_example(curate):
    for number in range(30):
        voted(number=number, quality_score=1.0)

    shown = curate()

    assert (shown["counts"]["total"], shown["counts"]["queue"]) == (0, 30)
    assert shown["error"] == "No row passed; 30 wait in the queue for a person."
    assert shown["content_hash"] == ""


def test_a_funnel_counts_every_event_at_the_gates_and_in_each_strategy(curate):
    for number in range(4):
        voted(up=number, number=number)
    voted(up=3, number=8, response="  ")

    funnel = curate(strategies=["high_quality", "hard_example"])["funnel"]

    assert funnel == {
        "gates": {"passed": 4, "no_text": 1},
        "high_quality": {"no_evidence": 1, "below_floor": 1, "no_text": 1, "accepted": 2},
        "hard_example": {"no_evidence": 1, "above_ceiling": 3, "no_text": 1},
    }
    assert all(sum(counts.values()) == 5 for counts in funnel.values())


def test_an_example_is_a_snapshot_kept_after_its_event(curate):
    messages = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}]
    event = voted(up=2, messages=messages, prompt="Hi", model_version_id="v7")
    curate()
    event.delete()

    example = CuratedExample.objects.get()

    assert example.messages == messages
    assert (example.prompt, example.response) == ("Hi", f"It is {phrase(-1)}.")
    assert (example.model_version_id, example.occurred_at) == ("v7", NOON)


def test_a_replaced_signal_does_not_count(curate):
    event = voted(number=0)
    edited(event, "An edit of the past.", live=False)

    assert curate(strategies=["user_edit", "high_quality"])["counts"]["total"] == 0


def test_events_with_evidence_are_read_before_newer_ones_without(curate, settings):
    settings.CURATION_CANDIDATES = 2
    for number in range(5):
        voted(number=number)
    old = voted(up=2, number=90)

    shown = curate(strategies=["high_quality"])

    assert [example.event_id for example in CuratedExample.objects.all()] == [old.id]
    assert CuratedSet.objects.get(pk=shown["id"]).candidates == 2


def test_events_of_other_deployments_are_not_candidates(curate):
    voted(up=3, deployment_id="other")

    assert curate()["counts"]["total"] == 0


def test_an_empty_build_shows_the_reason_and_cannot_be_submitted(curate, api):
    voted()

    shown = curate(strategies=["high_quality", "hard_example"])

    assert (shown["status"], shown["content_hash"]) == ("draft", "")
    assert shown["error"] == "Nothing to curate: none of the 1 events read passes high_quality, hard_example."
    assert api.post(f"/api/v1/curated-sets/{shown['id']}/submit").status_code == 409


def test_a_failing_embedding_client_fails_the_build_visibly(api, embedding, running_tasks):
    embedding(Unreachable)
    voted(up=3)
    voted(number=1)

    with pytest.raises(ConnectionError), running_tasks():
        api.post(SETS, {"name": "weekly"}, format="json")

    failed = CuratedSet.objects.get()
    assert failed.status == CuratedSetStatus.DRAFT
    assert failed.error == "The build failed: ConnectionError. See the log of the worker."
    assert (failed.counts, failed.content_hash, failed.examples.count()) == ({}, "", 0)


def test_without_strategies_that_compare_prompts_nothing_is_embedded(curate, embedding):
    embedding(Unreachable)
    edited(voted(), "A far better answer.")

    assert curate(strategies=["user_edit", "hard_example"])["counts"]["total"] == 1


def test_the_limit_is_that_of_accepted_rows(curate):
    for number in range(6):
        event = voted(number=number)
        edited(event, better(event), minutes=-number)

    shown = curate(limit=4, strategies=["user_edit"])

    assert shown["counts"]["by_strategy"] == {"user_edit": 4}
    kept = list(CuratedExample.objects.values_list("edited_response", flat=True))
    assert kept == [f"It is {phrase(-n - 1)}, as far as I know." for n in range(4)]


def test_the_same_events_and_seed_give_the_same_content_hash_in_the_next_version(curate):
    for number in range(8):
        voted(up=number % 4, number=number)

    first, second = curate(seed=3, limit=5), curate(seed=3, limit=5)

    assert (first["version"], second["version"]) == (1, 2)
    assert first["content_hash"] == second["content_hash"]


def test_a_second_run_of_the_task_changes_nothing(curate):
    voted(up=2)
    shown = curate()
    voted(up=2, number=1)

    built = building.build(shown["id"])

    assert (built.total, built.content_hash) == (1, shown["content_hash"])


def test_a_set_given_up_during_the_build_gets_no_examples(monkeypatch):
    voted(up=2)
    curated_set = CuratedSetFactory(status=CuratedSetStatus.BUILDING, content_hash="")
    read = building.reading.read

    def give_up_and_read(*args, **kwargs):
        CuratedSet.objects.update(status=CuratedSetStatus.DRAFT, error="Took too long.")
        return read(*args, **kwargs)

    monkeypatch.setattr(building.reading, "read", give_up_and_read)
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
        ({"name": "x", "parameters": {"high_quality": {"floor": 1}}}, "parameters.high_quality.floor", "invalid"),
        (
            {"name": "x", "parameters": {"high_quality": {"min_p_good": 2}}},
            "parameters.high_quality.min_p_good",
            "invalid",
        ),
        ({"name": "x", "strategies": ["diverse"], "shares": {"user_edit": 1}}, "shares", "invalid"),
        ({"name": "x", "shares": {"user_edit": 0.9, "diverse": 0.2}}, "shares", "max_value"),
        ({"name": "x", "segments": {"key": "colour", "shares": {"red": 1}}}, "segments.key", "invalid"),
        ({"name": "x", "filters": {"model": "v1"}}, "filters.model", "unknown_field"),
        ({"name": "x", "filters": {"from": "yesterday"}}, "filters.from", "invalid"),
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
    voted(up=2)

    assert curate(strategies=["high_quality", "user_edit", "high_quality"])["strategies"] == [
        Strategy.USER_EDIT,
        Strategy.HIGH_QUALITY,
    ]
