"""What a rubric may ask, and how answers are scored."""

import pytest

from feedback.rubrics import documents, scoring
from feedback.rubrics.definition import InvalidRubric, define
from feedback.rubrics.versions import SHIPPED

CLARITY = {"name": "clarity"}


def _tip():
    return documents.from_toml((SHIPPED / "tip-v1.toml").read_text())


def test_the_shipped_rubric_of_tips_scores_a_tip():
    answers = {"relevance": 5, "actionability": 3.5, "tone": 4, "format_ok": True, "overlong": False}

    assert scoring.score(_tip(), answers) == scoring.RubricScore(14.5, 12.5 / 15, 2, 17)


def test_without_a_formula_criteria_count_by_weight():
    rubric = define({"name": "two", "criteria": [{"name": "a", "weight": 3}, {"name": "b", "minimum": 0}]})

    assert scoring.score(rubric, {"a": 5, "b": 1}) == scoring.RubricScore(4.0, (4 - 0.75) / 4.25, 0.75, 5.0)


def test_each_answer_that_does_not_fit_is_named():
    answers = {"relevance": True, "actionability": 6, "format_ok": 1, "overlong": False, "mood": 3}

    with pytest.raises(scoring.InvalidAnswers) as rejected:
        scoring.score(_tip(), answers)

    assert {error.field: error.message for error in rejected.value.errors} == {
        "mood": "The rubric does not ask this.",
        "relevance": "This is not a number; answer from 1 to 5.",
        "actionability": "The answer is from 1 to 5.",
        "tone": "An answer from 1 to 5 is missing.",
        "format_ok": "This is not true or false.",
    }


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "4", [4], None, 10**400])
def test_only_a_number_on_the_scale_answers_a_criterion(value):
    rubric = define({"name": "one", "criteria": [CLARITY]})

    with pytest.raises(scoring.InvalidAnswers):
        scoring.score(rubric, {"clarity": value})


@pytest.mark.parametrize("name", ["tip", "helpfulness"])
def test_toml_and_documents_come_back_the_same(name):
    rubric = documents.from_toml((SHIPPED / f"{name}-v1.toml").read_text())

    assert documents.from_toml(documents.as_toml(rubric)) == rubric
    assert define(documents.as_document(rubric)) == rubric


def test_any_text_survives_toml():
    rubric = define({"name": "odd", "title": 'a"\\\x7f\x01 🙂', "prompt": "one\n'''two'''\ttab", "criteria": [CLARITY]})

    assert documents.from_toml(documents.as_toml(rubric)) == rubric


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"name": "Tip 1"}, "name", "Use a-z, 0-9 and -, beginning with a letter, at most 50 characters."),
        ({"criteria": []}, "criteria", "A rubric has at least one criterion."),
        ({"criteria": "clarity"}, "criteria", "This is not a list."),
        ({"criteria": [CLARITY] * 13}, "criteria", "There may be at most 12."),
        ({"criteria": ["clarity"]}, "criteria.0", "This is not an object."),
        ({"criteria": [CLARITY, CLARITY]}, "criteria.1.name", "There are two of the name clarity."),
        ({"flags": [CLARITY]}, "flags.0.name", "There are two of the name clarity."),
        ({"flags": [{"name": "min"}]}, "flags.0.name", "min has a meaning in formulas; use another name."),
        ({"flags": [{"name": "not"}]}, "flags.0.name", "not has a meaning in formulas; use another name."),
        ({"flags": [{"name": "x", "weight": 1}]}, "flags.0.weight", "Unknown field."),
        ({"criteria": [CLARITY | {"minimum": 5}]}, "criteria.0.maximum", "The maximum is above the minimum."),
        ({"criteria": [CLARITY | {"weight": -1}]}, "criteria.0.weight", "A weight is not negative."),
        ({"criteria": [CLARITY | {"weight": 0}]}, "formula", "Without a formula, a criterion needs a weight above 0."),
        (
            {"criteria": [CLARITY | {"maximum": float("nan")}]},
            "criteria.0.maximum",
            "This is not a number from -1,000 to 1,000.",
        ),
        ({"prompt": "\0"}, "prompt", "This holds a NUL or an unpaired surrogate, which cannot be stored."),
        ({"title": "\ud800"}, "title", "This holds a NUL or an unpaired surrogate, which cannot be stored."),
        ({"description": 7}, "description", "This is not a text."),
        ({"formula": "tone"}, "formula", "Position 1: tone is neither a criterion nor a flag. There are: clarity."),
        ({"scale": 5}, "scale", "Unknown field."),
    ],
)
def test_a_rubric_that_does_not_fit_is_rejected_by_field(change, field, message):
    with pytest.raises(InvalidRubric) as rejected:
        define({"name": "one", "criteria": [CLARITY]} | change)

    assert {error.field: error.message for error in rejected.value.errors}[field] == message


@pytest.mark.parametrize("text", ["name = ", "a" * 50 + " = [[[[", "criteria = 1\ncriteria = 2"])
def test_a_document_that_is_no_toml_is_rejected(text):
    with pytest.raises(InvalidRubric, match="This is not valid TOML"):
        documents.from_toml(text)
