"""Equal answers and edits, judged by all users together."""

import math
from datetime import UTC, datetime

import pytest

from curation.choices import Outcome
from curation.strategies.answers import REVIEWER, pool
from curation.strategies.base import Candidate, Edit
from feedback.choices import Agreement

AT = datetime(2026, 1, 1, tzinfo=UTC)
VOTE = math.log(4)


def asked(answer=b"a", *, vote=0.0, who=1, length=6, edit=None, log_odds=0.0, context=b"c"):
    """An event; vote: the log-odds that a user adds."""
    votes = ((who, vote),) if vote else ()
    sides = ((who, float(vote > 0), float(vote < 0)),) if vote else ()
    p_good = 1 / (1 + math.exp(-vote - log_odds)) if vote else None
    said = {"votes": votes, "sides": sides, "users": len(votes), "has_evidence": bool(vote), "p_good": p_good}
    return Candidate("e", AT, context=context, answer=answer, length=length, log_odds=log_odds, edit=edit, **said)


def rewritten(answer=b"b", *editors, length=6, outcome=Outcome.ACCEPTED, is_reviewed=False):
    made = tuple((who, VOTE) for who in editors or (9,))
    return Edit("s", "u", AT, outcome, "", answer=answer, length=length, editors=made, is_reviewed=is_reviewed)


def pooled(*candidates, agreement=Agreement.ENOUGH):
    pool(candidates, agreement=agreement)
    return candidates


def test_equal_answers_share_their_votes_and_a_user_counts_once():
    first, second, unvoted, other = pooled(
        asked(vote=VOTE, who=1), asked(vote=VOTE, who=1), asked(), asked(b"z", vote=-VOTE, who=2)
    )

    assert first.p_good == second.p_good == unvoted.p_good == pytest.approx(0.8)
    assert (unvoted.users, unvoted.up, unvoted.down) == (1, 1.0, 0.0)
    assert (other.p_good, other.users) == (pytest.approx(0.2), 1)


def test_answers_to_another_prompt_are_apart():
    (first, second) = pooled(asked(vote=VOTE), asked(vote=VOTE, who=2, context=b"d"))

    assert (first.users, second.users) == (1, 1)


def test_without_agreement_only_gold_scores_give_a_probability():
    gold = asked(vote=VOTE, who=2, log_odds=3.0)
    gold.has_gold = True

    unknown = pooled(asked(vote=VOTE), asked(vote=VOTE, who=2), agreement=Agreement.NOT_ENOUGH)
    known = pooled(asked(vote=VOTE), gold, agreement=Agreement.NOT_ENOUGH)

    assert [one.p_good for one in unknown] == [None, None]
    assert known[0].p_good == known[1].p_good == pytest.approx(1 / (1 + math.exp(-1.5 - 2 * VOTE)))


@pytest.mark.parametrize(
    ("editors", "votes_for_original", "expected"),
    [((9,), 0, 4 / 6), ((9, 8), 0, 16 / 18), ((9,), 1, 4 / 9), ((9,), 3, 4 / 69), ((9, 8, 7), 1, 64 / 69)],
)
def test_short_answers_to_one_prompt_exclude_each_other(editors, votes_for_original, expected):
    votes = [asked(vote=VOTE, who=who) for who in range(votes_for_original)]

    found = pooled(asked(edit=rewritten(b"b", *editors)), *votes)

    assert found[0].edit.p_good == pytest.approx(expected)
    assert found[0].edit.users == len(editors)


def test_a_long_edit_is_judged_by_its_editors_alone():
    votes = [asked(vote=VOTE, who=who, length=90) for who in range(3)]

    found = pooled(asked(length=90, edit=rewritten(length=90)), *votes)

    assert found[0].edit.p_good == pytest.approx(0.8)


def test_an_edit_that_the_model_gave_too_has_the_votes_on_it():
    edited, *_ = pooled(asked(edit=rewritten(b"b", 9)), asked(b"b", vote=VOTE, who=2), asked(b"b", vote=VOTE, who=9))

    assert edited.edit.p_good == pytest.approx(16 / 18)


def test_the_same_edit_of_several_events_has_all_its_editors():
    first, second = pooled(asked(edit=rewritten(b"b", 9)), asked(edit=rewritten(b"b", 8)))

    assert first.edit.p_good == second.edit.p_good == pytest.approx(16 / 18)
    assert (first.edit.users, second.edit.users) == (2, 2)


def test_edits_of_reviewers_have_a_probability_without_agreement_and_rejected_ones_have_no_say():
    reviewed, users, rejected = (
        asked(edit=rewritten(b"b", REVIEWER, is_reviewed=True)),
        asked(edit=rewritten(b"x", 9)),
        asked(edit=rewritten(b"y", 8, outcome=Outcome.EDIT_REJECTED)),
    )

    pooled(reviewed, users, rejected, agreement=Agreement.NOT_ENOUGH)

    assert reviewed.edit.p_good == pytest.approx(4 / 10)
    assert (users.edit.p_good, rejected.edit.p_good) == (None, 1.0)
