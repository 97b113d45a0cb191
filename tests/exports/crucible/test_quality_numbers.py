"""Quality as CrucibleFeedback scores it, through the function, the API and the command."""

import json

import pytest
from django.core.management import CommandError, call_command

from exports.crucible import InvalidItem, assess_quality, get_quality_stats
from feedback.models import Deployment
from tests.factories import EventFactory

FOX = "The quick brown fox jumps over the lazy dog today."
FAMILY = "\U0001f468‍\U0001f469‍\U0001f467‍\U0001f466"
CHECKS = ("format", "length", "refusal", "repetition")
# Totals with the scores of the four checks, where they are known.
TOTALS = [
    ("", 0.775, (0.7, 0.4, 1, 1)),
    ("ok", 0.775, (0.7, 0.4, 1, 1)),
    ("4", 0.85, (1, 0.4, 1, 1)),
    ("null", 0.85, (1, 0.4, 1, 1)),
    ("-0", 0.85, (1, 0.4, 1, 1)),
    ('{"ok": true}', 0.85, (1, 0.4, 1, 1)),
    (" \n[1,2]\n", 0.85, (1, 0.4, 1, 1)),
    ('"quoted"', 0.85, (1, 0.4, 1, 1)),
    ("[1, 2, 3, 4, 5, 6, 7, 8, 9]", 1.0, (1, 1, 1, 1)),
    ('{"ok": tru', 0.775, (0.7, 0.4, 1, 1)),
    ('{"a":1} trailing', 0.775, (0.7, 0.4, 1, 1)),
    ("NaN", 0.775, (0.7, 0.4, 1, 1)),
    ("1e999", 0.775, (0.7, 0.4, 1, 1)),
    ("The capital of France is Paris.", 0.925, (0.7, 1, 1, 1)),
    ("I cannot help with that.", 0.75, (0.7, 1, 0.3, 1)),
    ("I can't.", 0.6, (0.7, 0.4, 0.3, 1)),
    ("As an AI language model, I cannot do this.", 0.75, (0.7, 1, 0.3, 1)),
    ("I can’t help with that request, sorry.", 0.925, (0.7, 1, 1, 1)),
    (" ".join(["one two three"] * 4), 0.75, (0.7, 1, 1, 0.3)),
    (" ".join(["no"] * 10), 0.70625, (0.7, 1, 1, 0.125)),
    (" ".join(["no"] * 9), 0.925, (0.7, 1, 1, 1)),
    ("a b c d e f g h i j", 0.775, (0.7, 0.4, 1, 1)),
    ("a b c a b c a b c a", 0.61875, (0.7, 0.4, 1, 0.375)),
    (f"{FOX} {FOX}", 0.813889, (0.7, 1, 1, 5 / 9)),
    (" ".join(["I cannot"] * 30), 0.508621, (0.7, 1, 0.3, 2 / 58)),
    ("a" * 19, 0.775, (0.7, 0.4, 1, 1)),
    ("a" * 20, 0.925, (0.7, 1, 1, 1)),
    ("a" * 4000, 0.925, (0.7, 1, 1, 1)),
    ("a" * 4001, 0.775, (0.7, 0.4, 1, 1)),
    (FAMILY * 20, 0.925, (0.7, 1, 1, 1)),
    ('```elixir\nIO.puts("ok")\n```\n', 0.975, (0.9, 1, 1, 1)),
    ('```elixir\nIO.puts("ok")\n', 0.925, (0.7, 1, 1, 1)),
]


@pytest.mark.parametrize(("response", "total", "scores"), TOTALS)
def test_the_crucible_profile_gives_the_numbers_of_the_library(response, total, scores):
    found = assess_quality({"response": response}, profile="crucible")

    assert found["score"] == pytest.approx(total, abs=5e-7)
    assert [check["check"] for check in found["checks"]] == list(CHECKS)
    assert [check["score"] for check in found["checks"]] == pytest.approx(list(scores))
    assert (found["caps"], found["profile"], found["version"]) == ([], "crucible", "crucible-1")


@pytest.mark.parametrize(
    ("response", "score", "cap"),
    [
        ("", 0.0, "empty_response"),
        ("null", 0.0, "no_answer"),
        ("I can't.", pytest.approx(0.15), "full_refusal"),
        ("I can’t help with that request, sorry.", pytest.approx(0.15), "full_refusal"),
        ("He works as an airline pilot and lives in Hamburg.", 1.0, None),
        ("The capital of France is Paris.", 1.0, None),
    ],
)
def test_the_default_profile_caps_what_the_library_lets_pass(response, score, cap):
    found = assess_quality({"response": response})

    assert (found["score"], found["profile"]) == (score, "default")
    assert cap is None and found["caps"] == [] or cap in [one["name"] for one in found["caps"]]


@pytest.mark.parametrize("profile", ["default", "crucible"])
@pytest.mark.parametrize("response", ['{"ok": true}', "I cannot help with that.", f"{FOX} {FOX}"])
def test_function_call_and_command_agree(api, capsys, response, profile):
    found = assess_quality({"response": response}, profile=profile)
    answer = api.post("/api/v1/quality/assess", {"response": response, "profile": profile}, format="json").json()
    call_command("assess_quality", json.dumps({"response": response}), profile=profile)

    assert json.loads(capsys.readouterr().out) == found
    assert [check | {"name": check["check"]} for check in found["checks"]] == [
        check | {"check": check["name"]} for check in answer["checks"]
    ]
    assert {name: found[name] for name in ("score", "caps", "profile", "version")} == {
        name: answer[name] for name in ("score", "caps", "profile", "version")
    }


def test_a_whole_event_is_assessed_as_its_answer():
    event = {"deployment_id": "helpdesk", "user_id": "ann", "prompt": "Hi?", "response": "The capital is Paris."}

    assert assess_quality(event) == assess_quality({"response": event["response"]})


@pytest.mark.parametrize(
    ("event", "profile", "field"),
    [({}, "default", "response"), ({"response": None}, "default", "response"), ({"response": "x"}, "no", "profile")],
)
def test_what_cannot_be_assessed_is_named(event, profile, field):
    with pytest.raises(InvalidItem) as error:
        assess_quality(event, profile=profile)

    assert [one.field for one in error.value.errors] == [field]


def test_quality_stats_average_scored_events_alone(db, api, capsys):
    Deployment.objects.create(pk="helpdesk")
    for score in (0.9, None, 0.7, 0.8):
        EventFactory(quality_score=score)

    found = get_quality_stats("helpdesk")
    call_command("quality_stats", "helpdesk")
    answer = api.get("/api/v1/deployments/helpdesk/quality").json()

    assert (found["rolling_average"], found["n"]) == (pytest.approx(0.8), 3)
    assert found["interval"] == pytest.approx([0.8 - 1.96 * 0.1 / 3**0.5, 0.8 + 1.96 * 0.1 / 3**0.5], abs=1e-5)
    assert json.loads(capsys.readouterr().out) == found
    assert (answer["mean"], answer["n"], answer["interval"]) == tuple(found.values())


def test_without_events_there_is_no_average(db):
    Deployment.objects.create(pk="helpdesk")

    assert get_quality_stats("helpdesk") == {"rolling_average": None, "n": 0, "interval": None}


def test_the_average_of_an_unknown_deployment_is_an_error(db):
    with pytest.raises(Deployment.DoesNotExist):
        get_quality_stats("helpdesk")
    with pytest.raises(CommandError, match="There is no deployment helpdesk"):
        call_command("quality_stats", "helpdesk")
