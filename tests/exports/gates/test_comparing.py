"""What a gate says of the answers of two models: calibration, power, and answers that are written to win."""

from collections import Counter

import numpy as np
import pytest

from exports.choices import GateMetric, GateReason, GateVerdict
from exports.gates.comparing import PairedScore, compare
from exports.gates.scoring import metric_for, normalised, similarity, words
from feedback.statistics.paired import paired_difference
from tests.exports.gates.simulating import binary, interval_rates, skewed, text_rates, texts

THINGS = ["invoice", "kettle", "parcel", "voucher", "lamp", "filter", "cable", "ticket", "tariff", "charger"]
ACTIONS = ["cancel", "return", "repair", "renew", "replace", "insure"]
PLACES = ["the orders page", "your inbox", "the workshop", "the billing menu", "the counter", "the app"]
PROMPTS = [(action, thing) for action in ACTIONS for thing in THINGS]
# What many answers of a help desk have in common, as long as the references are.
BOILERPLATE = "To do that open the page and then choose what you want to do with it and follow the steps on the page."
REFUSAL = "I'm sorry, but I can't help with that."


def reference_of(action, thing):
    where = PLACES[(len(action) * 7 + len(thing)) % len(PLACES)]
    return f"To {action} the {thing}, open {where} within {len(thing) + 7} days, select it and confirm with your code."


def rows(candidate, current):
    """One row for each prompt; candidate, current: from action, thing and reference to an answer."""
    found = []
    for action, thing in PROMPTS:
        reference, prompt = reference_of(action, thing), f"How do I {action} a {thing} that I bought last week?"
        answers = [answer(action, thing, reference) for answer in (candidate, current)]
        found.append(PairedScore(prompt, prompt, reference, *answers))
    return found


def terse(action, thing, reference):
    """A right answer in few words."""
    return f"Open {PLACES[(len(action) * 7 + len(thing)) % len(PLACES)]} within {len(thing) + 7} days and confirm."


def full(action, thing, reference):
    return f"{reference} If the {thing} is missing, write to us."


def counts(side):
    return dict(Counter(one.outcome.value for one in side))


@pytest.mark.parametrize("n", [50, 100])
@pytest.mark.parametrize(
    ("draw", "facts"),
    [(binary, {}), (binary, {"tied": 0.95}), (binary, {"repeats": 2}), (skewed, {}), (skewed, {"repeats": 5})],
)
def test_without_a_difference_at_most_one_in_twenty_intervals_excludes_zero(rng, n, draw, facts):
    above, below = interval_rates(draw, n, runs=1_500, rng=rng, **facts)

    # Three standard errors of 1,500 runs.
    assert above + below <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1_500)
    assert max(above, below) <= 0.025 + 3 * np.sqrt(0.025 * 0.975 / 1_500)


def test_texts_of_equal_models_have_a_verdict_in_one_of_twenty_gates(rng):
    better, worse = text_rates(50, runs=150, rng=rng)

    assert better + worse <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)


def test_a_model_that_keeps_a_tenth_more_words_is_better(rng):
    assert text_rates(60, runs=25, rng=rng, gain=0.1)[0] >= 0.9


@pytest.mark.parametrize(
    ("alone", "verdict"), [(4, GateVerdict.NO_EVIDENCE), (5, GateVerdict.NO_EVIDENCE), (6, GateVerdict.BETTER)]
)
def test_few_differences_among_ties_are_judged_like_an_exact_test(alone, verdict):
    # McNemar's exact p: 0.125, 0.0625 and 0.031.
    found = compare(
        [PairedScore(str(n), f"q{n}", "yes", "yes", "maybe" if n < alone else "yes") for n in range(50)],
        GateMetric.EXACT_MATCH,
    )

    assert (found.verdict, found.candidate_wins, found.current_wins, found.ties) == (verdict, alone, 0, 50 - alone)
    assert found.difference == pytest.approx(alone / 50)


def test_swapping_the_models_turns_the_verdict_around(rng):
    made = texts(rng, 60, gain=0.1)
    swapped = [PairedScore(row.cluster, row.prompt, row.reference, row.current, row.candidate) for row in made]

    there, back = compare(made, GateMetric.SIMILARITY), compare(swapped, GateMetric.SIMILARITY)

    assert (there.verdict, back.verdict) == (GateVerdict.BETTER, GateVerdict.WORSE)
    assert (back.difference, back.low, back.high) == pytest.approx((-there.difference, -there.high, -there.low))
    assert (back.candidate_wins, back.ties) == (there.current_wins, there.ties)


@pytest.mark.parametrize(
    ("game", "outcome"),
    [
        (lambda action, thing, reference: REFUSAL, "refused"),
        (lambda action, thing, reference: f"{REFUSAL} {BOILERPLATE}", "refused"),
        (lambda action, thing, reference: BOILERPLATE, "answered"),
        (lambda action, thing, reference: " ".join([*ACTIONS, *THINGS, *PLACES]), "answered"),
        (lambda action, thing, reference: "the " * len(words(reference)), "answered"),
        (lambda action, thing, reference: f"How do I {action} a {thing} that I bought last week?", "echoed"),
        (lambda action, thing, reference: "   ", "empty"),
    ],
    ids=["refusal", "stuffed refusal", "boilerplate", "all words", "reference length", "echo", "empty"],
)
@pytest.mark.parametrize("honest", [terse, full])
def test_answers_written_to_win_lose_to_short_and_long_right_answers(game, outcome, honest):
    found = compare(rows(game, honest), GateMetric.SIMILARITY)

    assert found.verdict == GateVerdict.WORSE
    assert counts(found.candidate) == {outcome: 60}
    assert abs(found.candidate_mean) < 0.01
    assert counts(found.current) == {"answered": 60}
    assert found.current_mean > 0.05


def test_a_refusal_scores_where_a_person_refused_too():
    found = compare([PairedScore("1", "How?", REFUSAL, REFUSAL, "Like this.")] * 50, GateMetric.SIMILARITY)

    assert counts(found.candidate) == {"answered": 50}
    assert found.candidate_mean == 1.0


@pytest.mark.parametrize("side", ["candidate", "current"])
@pytest.mark.parametrize(("missing", "reason"), [(3, None), (4, GateReason.MISSING_ANSWERS)])
def test_a_missing_answer_scores_zero_and_more_than_one_in_twenty_ends_without_a_verdict(side, missing, reason):
    answers = {"candidate": "Rome", "current": "Paris"} if side == "current" else {"candidate": "Paris"}
    made = [
        PairedScore(
            str(n),
            f"q{n}",
            "Paris",
            **({"candidate": "Paris", "current": "Rome"} | answers | ({side: None} if n < missing else {})),
        )
        for n in range(60)
    ]

    found = compare(made, GateMetric.EXACT_MATCH)

    assert found.reason == reason
    expected = GateVerdict.BETTER if side == "candidate" else GateVerdict.WORSE
    assert found.verdict == (GateVerdict.NO_EVIDENCE if reason else expected)
    assert counts(getattr(found, side)) == {"missing": missing, "answered": 60 - missing}
    assert getattr(found, f"{side}_mean") == pytest.approx((60 - missing) / 60)


def test_fewer_than_fifty_references_have_figures_and_no_verdict():
    found = compare(rows(full, terse)[:49], GateMetric.SIMILARITY)

    assert (found.verdict, found.reason, found.n) == (GateVerdict.NO_EVIDENCE, GateReason.FEW_REFERENCES, 49)
    assert found.low > 0


def test_nothing_is_compared_without_rows():
    found = compare([], GateMetric.SIMILARITY)

    assert (found.verdict, found.reason, found.n, found.ties) == (
        GateVerdict.NO_EVIDENCE,
        GateReason.FEW_REFERENCES,
        0,
        0,
    )
    assert np.isnan([found.difference, found.low, found.high, found.candidate_mean, found.current_mean]).all()


def test_rows_of_one_prompt_count_as_one():
    many = paired_difference(np.tile([0.2, 0.1, 0.4, 0.1], 25), list(range(4)) * 25)
    one = paired_difference(np.array([0.2, 0.1, 0.4, 0.1]), range(4))

    assert (many.value, many.low, many.high) == pytest.approx((one.value, one.low, one.high))


@pytest.mark.parametrize(
    ("references", "metric"),
    [
        (["Paris"] * 9 + ["Open the page and follow the link."], GateMetric.EXACT_MATCH),
        (["Paris"] * 8 + ["Open the page and follow the link."] * 2, GateMetric.SIMILARITY),
        ([], GateMetric.SIMILARITY),
    ],
)
def test_the_metric_follows_from_the_references(references, metric):
    assert metric_for(references) == metric


@pytest.mark.parametrize(
    ("answer", "reference", "equal"),
    [
        ("The Seine.", "seine", True),
        ("1.5", "15", False),
        ("C++", "C", False),
        ("C#", "c#", True),
        ("-5", "5", False),
        ("- Paris", "Paris", True),
        ("A", "the", False),
        ("５ km", "5 km", True),
        ("“Über uns”", "über uns", True),
    ],
)
def test_short_answers_are_equal_in_what_matters(answer, reference, equal):
    assert (normalised(answer) == normalised(reference)) is equal


def test_similarity_reads_scripts_without_spaces_by_character():
    assert similarity(words("東京に行きます"), words("東京へ行きます")) == pytest.approx(6 / 7)
