"""Approved sets as data sets: rows, samples, folds, and predictions compared with them."""

from collections import Counter

import pytest

from curation.choices import Split, Strategy
from exports.datasets.evaluation import InvalidPredictions, evaluate
from exports.datasets.loading import InvalidSampling, load
from exports.datasets.references import Unresolvable
from feedback.ir import DatasetRef
from feedback.models import Deployment, TrainingObjection
from tests.exports.factories import approved_set
from tests.factories import EventFactory, StaffFactory

pytestmark = pytest.mark.django_db
REF = DatasetRef(name="helpdesk/answers", provider="crucible_feedback")
TOPICS = ["invoice", "password", "delivery", "refund", "warranty", "opening", "parking", "recipe", "garden", "violin"]


def rows_of(count, **fields):
    """Examples about different things, each of its own user."""
    return [
        {
            "prompt": f"{TOPICS[number % 10]} number {number * 7919} of the {TOPICS[number // 10 % 10]}?",
            "response": f"This is the answer number {number}",
            "group_id": f"g{number}",
            **fields,
        }
        for number in range(count)
    ]


def store(examples, **fields):
    return approved_set(examples, name="answers", major=1, **fields)


def test_a_row_has_the_conversation_and_the_answer_to_imitate():
    messages = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Where?"}]
    curated_set = store(
        [
            {"prompt": "Where?", "messages": messages, "response": "Here.", "model_version_id": "small-2"},
            {"prompt": "Why?", "response": "No.", "edited_response": "Because.", "strategy": Strategy.USER_EDIT},
            {"prompt": "How?", "response": "Bad.", "reviewed_response": "Well.", "decision": "edit"},
        ]
    )

    found = load(REF)

    assert (found.ref.version, found.curated_set_id, found.content_hash) == ("1.0.0", curated_set.pk, "c" * 64)
    assert [(row.prompt, row.messages, row.reference) for row in found.rows] == [
        ("Where?", messages, "Here."),
        ("Why?", [{"role": "user", "content": "Why?"}], "Because."),
        ("How?", [{"role": "user", "content": "How?"}], "Well."),
    ]
    assert (found.rows[0].strategy, found.rows[0].model_version) == ("high_quality", "small-2")
    assert found.left_out == {}


def test_rows_that_are_no_examples_are_left_out_with_the_reason():
    TrainingObjection.objects.create(user_hash="ann", by=StaffFactory())
    store(
        [
            {"response": "Good."},
            {"queue_reason": "Unsure."},
            {"decision": "drop"},
            {"strategy": Strategy.HARD_EXAMPLE},
            {"response": " "},
            {"user_hash": "ann"},
            {"split": Split.TEST},
        ]
    )

    found = load(REF)

    assert [row.reference for row in found.rows] == ["Good."]
    assert found.left_out == {"hard_example": 1, "empty_answer": 1, "training_not_allowed": 1}


@pytest.mark.parametrize(("split", "rows"), [("train", 3), ("test", 2), ("validation", 1), (None, 6)])
def test_a_split_has_its_rows(split, rows):
    store([*rows_of(3), *rows_of(2, split=Split.TEST), *rows_of(1, split=Split.VALIDATION)])

    found = load(DatasetRef(name=REF.name, provider=REF.provider, split=split))

    assert len(found.rows) == rows
    assert {row.split for row in found.rows} == ({split} if split else {"train", "validation", "test"})


@pytest.mark.parametrize("kind", ["random", "stratified"])
def test_a_sample_leaves_no_copy_of_it_behind(kind):
    alike = [{**row, "prompt": row["prompt"].upper(), "group_id": ""} for row in rows_of(20)]
    store([*rows_of(40), *alike])

    found = load(REF, sample_size=15, sampling=kind, seed=3)

    assert 13 <= len(found.rows) <= 15
    everything = load(REF).rows
    chosen = {row.group for row in found.rows}
    assert {row.row_id for row in everything if row.group in chosen} == {row.row_id for row in found.rows}
    assert found == load(REF, sample_size=15, sampling=kind, seed=3)
    assert found != load(REF, sample_size=15, sampling=kind, seed=4)


def test_a_stratified_sample_follows_the_strategies():
    store(
        [
            *rows_of(30),
            *({**row, "strategy": Strategy.DIVERSE, "prompt": row["prompt"][::-1]} for row in rows_of(60)[30:]),
        ]
    )

    found = load(REF, sample_size=20, sampling="stratified")

    assert Counter(row.strategy for row in found.rows) == {"high_quality": 10, "diverse": 10}


def test_a_stratified_sample_follows_metadata_of_the_events():
    examples = rows_of(40)
    for number, example in enumerate(examples[:-4]):
        event = EventFactory(deployment_id="helpdesk", metadata={"plan": "pro" if number < 18 else "free"})
        example["event_id"] = event.pk
    store(examples)

    found = load(REF, sample_size=20, sampling="stratified", by="metadata.plan")

    order = [row.row_id for row in load(REF).rows]
    places = [order.index(row.row_id) for row in found.rows]
    assert Counter("pro" if place < 18 else "free" if place < 36 else "" for place in places) == {
        "pro": 9,
        "free": 9,
        "": 2,
    }


def test_folds_hold_every_row_once_and_no_copy_of_another_fold():
    alike = [{**row, "prompt": f"{row['prompt']}!", "group_id": ""} for row in rows_of(12)]
    store([*rows_of(30), *alike])

    found = load(REF, sampling="k_fold", folds=3)

    folds = list(found.folds())
    assert [len(fold.test) for fold in folds] == [14, 14, 14]
    assert sorted(row.row_id for fold in folds for row in fold.test) == sorted(row.row_id for row in found.rows)
    for fold in folds:
        assert {row.group for row in fold.train}.isdisjoint(row.group for row in fold.test)
        assert len(fold.train) + len(fold.test) == 42
    assert list(load(REF).folds()) == []


def test_folds_of_a_sample_hold_the_sample():
    store(rows_of(30))

    found = load(REF, sample_size=10, sampling="k_fold", folds=5)

    assert Counter(row.fold for row in found.rows) == dict.fromkeys(range(5), 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sampling": "systematic"}, "sampling must be one of random, stratified, k_fold, not systematic"),
        ({"sample_size": 0}, "sample_size must be at least 1"),
        ({"by": "colour"}, "by must be one of strategy, model_version or metadata.KEY, not colour"),
        ({"by": "metadata."}, "by must be one of strategy, model_version or metadata.KEY, not metadata."),
        ({"sampling": "k_fold", "folds": 1}, "There are at least 2 folds."),
        ({"sampling": "k_fold", "folds": 9}, "3 groups of rows cannot be divided into 9 folds."),
    ],
)
def test_a_sample_that_cannot_be_drawn_is_an_error(options, message):
    store(rows_of(3))

    with pytest.raises(InvalidSampling) as raised:
        load(REF, **options)

    assert str(raised.value) == message


def test_a_set_of_another_deployment_is_not_loaded():
    store(rows_of(1))
    Deployment.objects.create(pk="shop")

    with pytest.raises(Unresolvable):
        load(REF, deployments=["shop"])


def test_predictions_are_compared_with_the_references():
    store(rows_of(4))
    dataset = load(REF)
    said = ["this is Answer number 0", "This is the answer number 1!", "This is the answer two", "other"]

    found = evaluate(said, dataset=dataset, metrics=["exact_match", "f1", "bleu"])

    assert (found.n, found.accuracy, found.scores["f1"].value) == (4, 0.5, pytest.approx(2 / 3))
    assert found.scores["exact_match"].low == 0.0
    assert found.scores["exact_match"].high == 1.0
    assert 0 < found.scores["bleu"].value < 1
    assert {(one.n, one.groups, one.level) for one in found.scores.values()} == {(4, 4, 0.95)}
    assert (found.ref, found.content_hash) == (dataset.ref, "c" * 64)
    by_event = dict(zip((row.event_id for row in reversed(dataset.rows)), reversed(said), strict=True))
    assert evaluate(by_event, dataset=dataset, metrics=["exact_match", "f1", "bleu"]) == found
    assert evaluate(said, dataset=dataset, metrics=["f1"]).accuracy is None


@pytest.mark.parametrize(
    ("predictions", "metrics", "message"),
    [
        (["a"], ["f1"], "1 predictions do not belong to 2 rows"),
        ("ab", ["f1"], "predictions must be a mapping or a sequence of texts"),
        (["a", "b"], ["f1", "rouge"], "metrics must be some of exact_match, f1, bleu, not rouge"),
        (["a", "b"], [], "metrics must be some of exact_match, f1, bleu, not none"),
    ],
)
def test_predictions_that_do_not_belong_to_the_rows_are_an_error(predictions, metrics, message):
    store(rows_of(2))

    with pytest.raises(InvalidPredictions) as raised:
        evaluate(predictions, dataset=load(REF), metrics=metrics)

    assert str(raised.value) == message


def test_a_row_without_a_prediction_is_an_error():
    store(rows_of(2))
    dataset = load(REF)
    first, second = (row.event_id for row in dataset.rows)

    with pytest.raises(InvalidPredictions) as raised:
        evaluate({first: "a"}, dataset=dataset)

    assert str(raised.value) == f"1 of 2 rows have no prediction, as {second}"


def test_a_data_set_without_rows_cannot_be_compared():
    store(rows_of(1))

    with pytest.raises(InvalidPredictions, match="The data set has no rows"):
        evaluate([], dataset=load(DatasetRef(name=REF.name, provider=REF.provider, split="test")))
