"""Rollups against the events they stand for, through whatever may happen to either."""

from datetime import timedelta
from random import Random

import pytest
from django.core.management import CommandError

from feedback.hashing import hash_person
from feedback.measures.catalogue import version_of
from feedback.models import Deployment, Event, KnownName, Rollup, RollupDelta, UserSketch
from feedback.removal import erasing, retention
from feedback.rollups import folding, reading, rows, users
from tests.factories import DeploymentFactory
from tests.feedback.rollups.rolled_up import EVER, everything, figures, stored_rows
from tests.feedback.rollups.sending import HOUR, event, rebuild, send, signal

ANSWERS = (
    "You can reset it on the settings page; the link is under Security.",
    "# Steps\n\n- Open the **settings**.\n- Choose Security.\n\nIs that what you need?",
    '{"answer": 42}',
    "I'm sorry, but I can't help with that.",
    "Öffnen Sie bitte die Einstellungen und wählen Sie dort das Passwort, das nicht mehr gilt.",
    "",
)


@pytest.fixture(autouse=True)
def now(time_machine):
    time_machine.move_to(HOUR + timedelta(minutes=30), tick=False)
    return time_machine


def any_event(number, random):
    return event(
        number,
        deployment_id=random.choice(["helpdesk", "search"]),
        model_version_id=random.choice(["", "v1"]),
        prompt="How do I reset my password, please?" * random.randint(1, 40),
        response=random.choice(ANSWERS),
        latency_ms=random.choice([None, 0, round(random.lognormvariate(6, 1), 2)]),
        prompt_tokens=random.randint(0, 3_000),
        completion_tokens=random.randint(0, 3_000),
        cost_usd=random.random() / 1_000,
        finish_reason=random.choice(["stop", "length", ""]),
        user_id=f"user-{random.randint(1, 5)}",
        metadata={"plan": random.choice(["free", "team"]), "seats": random.randint(1, 3)},
        occurred_at=(HOUR - timedelta(hours=5 * random.randint(0, 3))).isoformat(),
    )


def choose_segments(api, now, *keys):
    Deployment.objects.get_or_create(pk="helpdesk")
    answer = api.patch("/api/v1/deployments/helpdesk", {"segment_keys": keys}, format="json")
    assert (answer.status_code, answer.json()["segment_keys"]) == (200, list(keys))
    now.shift(2)


@pytest.mark.parametrize("seed", range(2))
def test_after_any_work_a_check_finds_no_difference(api, write_all, now, seed):
    random = Random(seed)
    choose_segments(api, now, "plan", "seats")
    sent = [any_event(number, random) for number in range(1, 61)]
    types = ["thumbs_up", "thumbs_down", "regenerate", "copy"]
    said = [
        signal(random.randint(1, 60), number, type=random.choice(types), user_id=f"user-{random.randint(1, 5)}")
        for number in range(40)
    ]
    for _ in range(6):
        send(api, "events", random.sample(sent, 20))
        send(api, "signals", random.sample(said, 12))
        write_all()
        if random.random() < 0.3:
            folding.fold()
    while erasing.erase_some([hash_person("user-1")]).more:
        pass
    assert "0 rows differ" in rebuild("--check")
    folding.fold()
    held = everything()
    Rollup.objects.all().delete()
    rebuild()
    assert (everything(), RollupDelta.objects.count()) == (held, 0)


def test_every_kind_of_figure_is_kept(api, write_all):
    fields = {
        "latency_ms": 812.5,
        "prompt_tokens": 9,
        "completion_tokens": 7,
        "cost_usd": 0.25,
        "finish_reason": "stop",
    }
    send(api, "events", [event(1, model_version_id="v1", **fields)])
    send(api, "signals", [signal(1, 1), signal(1, 2, type="regenerate")])
    write_all()

    found = figures("helpdesk", model_version_id="v1")

    assert found["latency_ms"] == (1, 812.5, 812.5**2)
    assert (found["total_tokens"], found["cost_usd"]) == ((1, 16, 256), (1, 0.25, 0.0625))
    assert (found["prompt.words"], found["response.words"]) == ((1, 9, 81), (1, 8, 64))
    assert found["check.refusal"] == (1, 1, 1)
    names = ("language", "prompt_language", "format", "refusal", "finish_reason", "signal")
    assert {name: found[name] for name in names} == {
        "language": {"en": 1},
        "prompt_language": {"en": 1},
        "format": {"plain": 1},
        "refusal": {"none": 1},
        "finish_reason": {"stop": 1},
        "signal": {"thumbs_up": 1, "regenerate": 1},
    }
    assert found["feedback_state"] == {"mixed": 1}
    assert len(found) == 55
    assert figures("helpdesk", model_version_id="v2") == {}


def test_where_texts_are_dropped_lengths_and_checks_stay(api, write_all):
    DeploymentFactory(id="helpdesk", content_policy="drop")
    send(api, "events", [event(1)])
    write_all()

    found = figures("helpdesk")

    assert (found["prompt_length"][1], found["response_length"][1]) == (42, 38)
    assert found["refusal"] == {"none": 1}
    assert not [name for name in found if name.startswith(("prompt.", "response.")) or "language" in name]
    assert "0 rows differ" in rebuild("--check")


def test_late_events_and_resends_count_once_in_their_own_hour(api, write_all):
    late = HOUR - timedelta(days=3)
    send(api, "events", [event(1), event(2, occurred_at=late.isoformat())])
    write_all()
    folding.fold()
    send(api, "events", [event(1, occurred_at=late.isoformat()), event(3, occurred_at=late.isoformat())])
    write_all()

    def events_in(at):
        return reading.histograms(reading.window(at, at + timedelta(hours=1)), [reading.EVENTS])[reading.EVENTS].n

    assert (events_in(HOUR), events_in(late)) == (1, 2)
    folding.fold()
    assert (events_in(HOUR), events_in(late)) == (1, 2)


def test_a_later_choice_replaces_the_earlier_in_the_hour_of_the_event(api, write_all):
    send(api, "events", [event(1, occurred_at=(HOUR - timedelta(days=2)).isoformat())])
    send(api, "signals", [signal(1, 1, user_id="otto", occurred_at=(HOUR - timedelta(days=1)).isoformat())])
    write_all()
    folding.fold()
    assert figures()["signal"] == {"thumbs_up": 1}

    send(api, "signals", [signal(1, 2, user_id="otto", type="thumbs_down"), signal(1, 3, user_id="maria")])
    write_all()

    day = reading.window(HOUR - timedelta(days=2), HOUR - timedelta(days=2, hours=-1))
    assert reading.histograms(day, ["signal"])["signal"].counts == {"thumbs_down": 1, "thumbs_up": 1}
    while erasing.erase_some([hash_person("otto")]).more:
        pass
    assert figures()["signal"] == {"thumbs_up": 1}
    assert "0 rows differ" in rebuild("--check")


def test_an_erased_user_is_counted_no_longer(api, write_all):
    sent = [event(number, user_id=f"user-{number % 3}") for number in range(1, 7)]
    send(api, "events", sent)
    write_all()
    folding.fold()
    hour = reading.window(HOUR, HOUR + timedelta(hours=1), "helpdesk")
    assert round(users.distinct_users(hour).value) == 3

    while erasing.erase_some([hash_person("user-1")]).more:
        pass
    folding.fold()

    assert figures()["response_length"][0] == 4
    assert round(users.distinct_users(hour).value) == 2
    assert round(users.distinct_users(rows.RollupWindow(*EVER, "helpdesk")).value) == 2
    while erasing.erase_some([hash_person(name) for name in ("user-0", "user-2")]).more:
        pass
    folding.fold()
    assert (stored_rows(), users.distinct_users(hour).value) == ((0, 0), 0)
    assert UserSketch.objects.count() == 2


def test_events_are_split_by_the_chosen_keys_and_rare_values_are_together(api, write_all, now):
    send(api, "events", [event(1, metadata={"plan": "early"})])
    write_all()
    choose_segments(api, now, "plan", "beta")
    plans = [event(number, metadata={"plan": f"plan-{number:02}", "beta": number % 2 == 0}) for number in range(2, 58)]
    send(api, "events", [*plans, event(100), event(101, metadata={"plan": None, "beta": [1]})])
    write_all()

    window = reading.window(HOUR, HOUR + timedelta(hours=1), "helpdesk", segment=None)
    found = reading.grouped(window, [reading.EVENTS], by=["segment"])
    counts = {segment: histograms[reading.EVENTS].n for (segment,), histograms in found.items()}

    assert counts == {
        "": 59,
        "beta=true": 28,
        "beta=false": 28,
        "plan=other": 6,
        **{f"plan=plan-{number:02}": 1 for number in range(2, 52)},
    }
    assert KnownName.objects.filter(field="metadata.plan").count() == 50
    assert "0 rows differ" in rebuild("--check")


def test_a_key_that_is_chosen_no_longer_ends_with_what_came_before(api, write_all, now):
    choose_segments(api, now, "plan")
    send(api, "events", [event(1, metadata={"plan": "team"}, user_id="otto")])
    write_all()
    api.patch("/api/v1/deployments/helpdesk", {"segment_keys": []}, format="json")
    now.shift(2)
    send(api, "events", [event(2, metadata={"plan": "team"}, user_id="otto")])
    write_all()

    assert figures("helpdesk", segment="plan=team")["response_length"][0] == 1
    while erasing.erase_some([hash_person("otto")]).more:
        pass
    folding.fold()
    assert Rollup.objects.count() == 0


def test_a_planted_difference_is_found_and_corrected(api, write_all):
    send(api, "events", [event(number) for number in range(1, 4)])
    write_all()
    folding.fold()
    held = everything()
    Rollup.objects.filter(metric="latency_ms").delete()
    Rollup.objects.filter(metric="response_length", bucket="hour").update(n=5, counts=[5])
    Rollup.objects.filter(metric="quality", bucket="day").delete()

    with pytest.raises(CommandError, match="differ from the events"):
        rebuild("--check")
    printed = rebuild("--deployment", "helpdesk", "--from", "2026-05-04", "--to", "2026-05-05")

    assert "helpdesk: 1 hours, 3 rows differed and were corrected" in printed
    assert "hour 2026-05-04 12:00 response_length (no version, measure 1): 5 in rollups, 3 in events" in printed
    measure = version_of("quality")
    assert f"day 2026-05-04 00:00 quality (no version, checks, measure {measure}): 0 in rollups, 3 in events" in printed
    assert everything() == held
    assert "0 rows differ" in rebuild("--check")


def test_hours_that_were_purged_keep_their_rollups(api, write_all, now):
    DeploymentFactory(id="helpdesk", retention_days=30)
    send(api, "events", [event(1, occurred_at=(HOUR - timedelta(days=40)).isoformat()), event(2)])
    write_all()
    held = figures()

    retention.purge()
    rebuild()

    assert Event.objects.count() == 1
    assert Deployment.objects.get().purged_to == HOUR - timedelta(days=30, minutes=-30)
    assert figures() == held


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--deployment", "nobody"], "Deployment nobody does not exist."),
        (["--from", "yesterday"], "--from: yesterday is not a date or a time"),
    ],
)
def test_the_command_reports_what_it_cannot_read(db, arguments, message):
    with pytest.raises(CommandError, match=message):
        rebuild(*arguments)
