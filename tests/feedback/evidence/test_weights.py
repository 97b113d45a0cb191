import pytest

from feedback.evidence import weights
from feedback.evidence.weights import NO_VOTE, Vote, WeightTable

STARS = (1.0, 5.0)


@pytest.mark.parametrize(
    ("type", "vote"),
    [
        ("thumbs_up", Vote(1.0, 0.0)),
        ("thumbs_down", Vote(0.0, 1.0)),
        ("report", Vote(0.0, 1.0)),
        ("regenerate", Vote(0.0, 0.5)),
        ("edit", Vote(0.0, 0.5)),
        ("share", Vote(0.5, 0.0)),
        ("copy", Vote(0.25, 0.0)),
        ("label", NO_VOTE),
        ("rating", NO_VOTE),
    ],
)
def test_every_type_has_a_default(type, vote):
    assert WeightTable().vote(type, value="4") == vote


@pytest.mark.parametrize(
    ("value", "vote"),
    [("1", Vote(0.0, 1.0)), ("3", Vote(0.5, 0.5)), ("5", Vote(1.0, 0.0)), ("9", Vote(1.0, 0.0)), ("true", NO_VOTE)],
)
def test_a_rating_is_a_share_of_the_scale(value, vote):
    assert WeightTable(scale=STARS).vote("rating", value=value) == vote


def test_named_ratings_have_strengths_of_their_own():
    table = WeightTable({"rating:tone": 0.0, "rating:facts": 0.5}, STARS)

    assert table.vote("rating", "tone", "5") == NO_VOTE
    assert table.vote("rating", "facts", "5") == Vote(0.5, 0.0)
    assert table.vote("rating", "other", "5") == Vote(1.0, 0.0)


@pytest.mark.parametrize(
    ("name", "value", "vote"),
    [
        ("", '"resolved"', Vote(1.0, 0.0)),
        ("", '"lost"', NO_VOTE),
        ("", "true", Vote(0.0, 0.5)),
        ("tone", '"rude"', Vote(0.0, 1.0)),
        ("tone", '"resolved"', NO_VOTE),
    ],
)
def test_labels_count_by_their_map(name, value, vote):
    table = WeightTable({"label=resolved": 1.0, "label=true": -0.5, "label:tone=rude": -1.0})

    assert table.vote("label", name, value) == vote


def test_a_version_stands_for_what_a_table_says():
    assert WeightTable({"thumbs_up": 1}).version == WeightTable().version
    assert WeightTable({"thumbs_up": 0.9}).version != WeightTable().version
    assert WeightTable(scale=STARS).version != WeightTable().version


@pytest.mark.parametrize(
    ("overrides", "keys"),
    [
        ({"thumbs_up": 1, "rating:tone": 0.5, "label=yes": -1, "label:tone=a b": 1}, []),
        ([], [""]),
        ({"thumbs": 1}, ["thumbs"]),
        ({"label": 1}, ["label"]),
        ({"rating": -0.1}, ["rating"]),
        ({"copy": True}, ["copy"]),
        ({"copy": float("nan")}, ["copy"]),
        ({f"label={n}": 1 for n in range(201)}, [""]),
    ],
)
def test_problems_name_the_key(overrides, keys):
    assert list(weights.problems(overrides)) == keys
