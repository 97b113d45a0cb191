"""Options are checked against what a stage describes, with the messages of the Elixir library."""

import pytest

from exports.pipelines import options

DESCRIPTION = {
    "required": ["name"],
    "types": {
        "name": "string",
        "count": "integer",
        "share": "float",
        "is_on": "boolean",
        "kind": {"enum": ["a", "b"]},
        "kinds": {"list": {"enum": ["a", "b"]}},
        "rest": "map",
        "many": "list",
        "either": {"union": ["integer", "string"]},
        "pair": {"tuple": ["string", "integer"]},
        "counts": {"map": ["string", "integer"]},
        "anything": "any",
    },
    "__extensions__": {"more": {"types": {"extra": "integer"}}},
}


@pytest.mark.parametrize(
    ("given", "messages"),
    [
        ({}, ["missing required option: name"]),
        ({"name": 5}, ["name: expected string, got 5"]),
        ({"name": None}, ["name: expected string, got null"]),
        ({"name": "x", "count": 1.0}, ["count: expected integer, got 1.0"]),
        ({"name": "x", "count": True}, ["count: expected integer, got true"]),
        ({"name": "x", "share": 1}, ["share: expected float, got 1"]),
        ({"name": "x", "is_on": "yes"}, ['is_on: expected boolean, got "yes"']),
        ({"name": "x", "kind": "c"}, ['kind: expected one of ["a", "b"], got "c"']),
        ({"name": "x", "kinds": ["a", "c"]}, ['kinds: expected list of one of ["a", "b"], got ["a", "c"]']),
        ({"name": "x", "rest": []}, ["rest: expected map, got []"]),
        ({"name": "x", "many": {}}, ["many: expected list, got {}"]),
        ({"name": "x", "either": 0.5}, ["either: expected integer or string, got 0.5"]),
        ({"name": "x", "pair": ["a"]}, ['pair: expected tuple, got ["a"]']),
        ({"name": "x", "counts": {"a": "b"}}, ['counts: expected map, got {"a": "b"}']),
        ({"name": "x", "extra": "y"}, ['extra: expected integer, got "y"']),
        (
            {"count": "x", "share": "y"},
            [
                "missing required option: name",
                'count: expected integer, got "x"',
                'share: expected float, got "y"',
            ],
        ),
    ],
)
def test_wrong_options_are_named(given, messages):
    assert [problem.message for problem in options.problems(DESCRIPTION, given)] == messages


def test_right_options_and_unknown_ones_are_accepted():
    given = {
        "name": "x",
        "count": 1,
        "share": 0.5,
        "is_on": False,
        "kind": "b",
        "kinds": ["a"],
        "rest": {"a": 1},
        "many": [1, "a"],
        "either": "x",
        "pair": ["a", 1],
        "counts": {"a": 1},
        "anything": None,
        "unknown": object(),
    }

    assert list(options.problems(DESCRIPTION, given)) == []
