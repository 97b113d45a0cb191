import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.choices import Split
from curation.splits.assignment import Shares, group_of, split_of

SHARES = Shares(train=0.8, validation=0.15, test=0.05)
GROUPS = [f"session:{number:064x}" for number in range(20_000)]


def _splits(shares=SHARES, salt="helpdesk"):
    return [split_of(group, salt=salt, shares=shares) for group in GROUPS]


@pytest.mark.parametrize(("split", "share"), [(Split.TRAIN, 0.8), (Split.VALIDATION, 0.15), (Split.TEST, 0.05)])
def test_groups_fall_into_splits_by_their_shares(split, share):
    assert _splits().count(split) / len(GROUPS) == pytest.approx(share, abs=0.01)


def test_a_group_has_one_split_for_ever():
    """Published sets keep their splits; these must never change."""
    assert [str(split) for split in _splits()[:12]] == [
        "train",
        "train",
        "test",
        "train",
        "train",
        "train",
        "train",
        "train",
        "train",
        "train",
        "train",
        "train",
    ]


def test_another_salt_assigns_independently():
    both = zip(_splits(), _splits(salt="other"), strict=True)

    is_held_out_twice = sum(Split.TRAIN not in pair for pair in both) / len(GROUPS)
    assert is_held_out_twice == pytest.approx(0.04, abs=0.005)


@pytest.mark.parametrize(
    ("shares", "split"), [(Shares(0.7, 0.25, 0.05), Split.VALIDATION), (Shares(0.7, 0.15, 0.15), Split.TEST)]
)
def test_a_larger_share_takes_groups_from_train_alone(shares, split):
    changes = {(before, after) for before, after in zip(_splits(), _splits(shares), strict=True) if before != after}

    assert changes == {(Split.TRAIN, split)}


@pytest.mark.parametrize(
    ("shares", "splits"),
    [
        (Shares(1, 0, 0), {Split.TRAIN}),
        (Shares(0, 1, 0), {Split.VALIDATION}),
        (Shares(0, 0, 1), {Split.TEST}),
        (Shares(0.5, 0.5, 0), {Split.TRAIN, Split.VALIDATION}),
        (Shares(0, 0.5, 0.5), {Split.VALIDATION, Split.TEST}),
    ],
)
def test_a_share_of_nothing_has_no_group(shares, splits):
    assert set(_splits(shares)) == splits


@pytest.mark.parametrize(
    "parts", [(0.9, 0.05, 0.04), (1.1, -0.1, 0), (0.5, 0.6, -0.1), (float("nan"), 0, 0), (0, 0, 0)]
)
def test_shares_that_are_none_are_rejected(parts):
    with pytest.raises(ValueError, match="must be at least 0 and add up to 1"):
        Shares(*parts)


@pytest.mark.parametrize(
    ("session", "user", "prompt", "same_as"),
    [
        ("s", "u", "Hello", ("s", "other", "Bye")),
        ("", "u", "Hello", ("", "u", "Bye")),
        ("", "", "Hello!", ("", "", " hello")),
    ],
)
def test_a_group_is_a_session_or_a_user_or_a_normalised_prompt(session, user, prompt, same_as):
    def group(session, user, prompt):
        return group_of(session_hash=session, user_hash=user, prompt=prompt)

    assert group(session, user, prompt) == group(*same_as)
    assert len({group("a", "a", "a"), group("", "a", "a"), group("", "", "a")}) == 3


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_any_text_has_a_group_and_a_split(prompt, salt):
    group = group_of(session_hash="", user_hash="", prompt=prompt)

    assert split_of(group, salt=salt, shares=SHARES) in Split
