import gzip
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from feedback.ingestion import loading
from feedback.models import Event, Signal
from feedback.simulation import arrivals
from feedback.simulation.recorded import Recorded, UnreadableTrace, read_trace
from feedback.simulation.scenarios import Scenario, two_versions
from feedback.simulation.traffic import simulate

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
START = datetime(2026, 5, 4, tzinfo=UTC)
ROWS = [
    {"ts": "2023-11-16 18:15:46.6805900", "prompt_tokens": 374, "completion_tokens": 44},
    {"ts": "2023-11-16 18:15:50.9951690", "prompt_tokens": 396, "completion_tokens": 109},
    {"ts": "2023-11-16 19:15:51.6805900", "prompt_tokens": 879, "completion_tokens": 55},
]


def scenario(trace, **more):
    return Scenario(
        "helpdesk", "support", len(trace), 30, 7, two_versions("support", switch=0.5), recorded=trace, **more
    )


@pytest.fixture
def trace_file(tmp_path):
    def write(rows, name="trace.jsonl"):
        path = tmp_path / name
        lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
        path.write_bytes(gzip.compress(lines) if name.endswith(".gz") else lines)
        return path

    return write


@pytest.fixture
def without_stream(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"


def replay(*options):
    out = StringIO()
    call_command("simulate", "--deployment", "helpdesk", *map(str, options), stdout=out)
    return out.getvalue()


def test_offsets_count_from_the_first_arrival():
    trace = read_trace(ROWS)

    assert [round(each.offset_seconds, 6) for each in trace] == [0, 4.314579, 3_605]
    assert [(each.prompt_tokens, each.completion_tokens) for each in trace] == [(374, 44), (396, 109), (879, 55)]


def test_milliseconds_are_read_and_put_in_order_of_time():
    rows = [{"t_ms": 5_500, "prompt_tokens": 2}, {"t_ms": 500, "n_blocks": 14}, {"t_ms": 500.0, "completion_tokens": 0}]

    assert read_trace(rows) == (Recorded(0.0), Recorded(0.0, None, 0), Recorded(5.0, 2, None))


def test_a_zone_is_respected():
    rows = [{"ts": "2026-05-04T12:00:00+02:00"}, {"ts": "2026-05-04 10:00:03"}]

    assert [each.offset_seconds for each in read_trace(rows)] == [0.0, 3.0]


ROW_2 = "Row 2 needs ts, a time, or t_ms, a number; token counts are whole numbers from 0."


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (None, "Row 2 is not a JSON object."),
        ({"prompt_tokens": 1}, ROW_2),
        ({"ts": "yesterday"}, ROW_2),
        ({"ts": 5}, ROW_2),
        ({"t_ms": True}, ROW_2),
        ({"t_ms": float("nan")}, ROW_2),
        ({"t_ms": 0, "prompt_tokens": -1}, ROW_2),
        ({"t_ms": 0, "completion_tokens": 1.5}, ROW_2),
        ({"t_ms": 1e12}, "The trace spans more than 3,650 days."),
    ],
)
def test_a_row_that_is_no_arrival_is_rejected(row, sentence):
    with pytest.raises(UnreadableTrace) as refused:
        read_trace([{"t_ms": 0}, row])

    assert str(refused.value) == sentence


def test_a_trace_without_rows_is_rejected():
    with pytest.raises(UnreadableTrace, match="The trace has no rows."):
        read_trace([])


def test_sessions_go_on_when_their_next_turn_is_due(rng):
    trace = read_trace({"t_ms": 500 * number} for number in range(2_000))

    followed = arrivals.follow(trace, rng=rng)

    assert [each.offset_seconds for each in followed] == [0.5 * number for number in range(2_000)]
    sessions = {}
    for each in followed:
        sessions.setdefault(each.session, []).append(each)
    assert all([turn.turn for turn in turns] == list(range(len(turns))) for turns in sessions.values())
    assert not any(turn.is_last for turns in sessions.values() for turn in turns[:-1])
    gaps = [b.offset_seconds - a.offset_seconds for turns in sessions.values() for a, b in pairwise(turns)]
    assert 400 < len(gaps) < 1_000
    assert min(gaps) > 5


def test_every_arrival_gets_one_exchange_with_its_token_counts():
    trace = read_trace(ROWS)

    first, second = (list(simulate(scenario(trace), start=START)) for _ in range(2))

    assert first == second
    assert [exchange.offset_seconds for exchange in first] == [each.offset_seconds for each in trace]
    assert [(x.event["prompt_tokens"], x.event["completion_tokens"], x.event["token_count"]) for x in first] == [
        (374, 44, 418),
        (396, 109, 505),
        (879, 55, 934),
    ]
    other = read_trace([*ROWS[:2], ROWS[2] | {"prompt_tokens": 880}])
    assert {x.event["id"] for x in simulate(scenario(other), start=START)}.isdisjoint(x.event["id"] for x in first)


def test_a_recorded_run_is_stored_as_it_was_recorded_ending_now(db, without_stream, trace_file):
    path = trace_file(ROWS, "trace.jsonl.gz")
    before = datetime.now(UTC)

    first = replay("--arrivals", path, "--rate", 0.001)
    again = replay("--arrivals", path)

    events = list(Event.objects.oldest_first())
    assert [event.prompt_tokens for event in events] == [374, 396, 879]
    assert [event.completion_tokens for event in events] == [44, 109, 55]
    seconds = [(event.occurred_at - events[0].occurred_at).total_seconds() for event in events]
    assert [round(each, 3) for each in seconds] == [0, 4.315, 3_605]
    assert before <= events[-1].occurred_at <= before + timedelta(seconds=30)
    items = 3 + Signal.objects.count()
    assert f"stored {items}, duplicate 0, rejected 0" in first
    assert f"stored 0, duplicate {items}, rejected 0" in again


def test_a_replay_is_live_at_the_speed_asked_for(db, without_stream, trace_file):
    path = trace_file([{"t_ms": 0}, {"t_ms": 60_000}, {"t_ms": 90_000}, {"t_ms": 900_000_000}])
    before = datetime.now(UTC)

    replay("--arrivals", path, "--events", 3, "--speed", 300)

    times = [event.occurred_at for event in Event.objects.oldest_first()]
    assert len(times) == 3
    assert [time - before >= timedelta(seconds=due) for time, due in zip(times, (0, 0.2, 0.3), strict=True)] == [
        True
    ] * 3


@pytest.mark.parametrize(
    ("name", "rows", "sentence"),
    [
        ("trace.jsonl", [{"t_ms": 0}, {}], "Row 2 needs ts"),
        ("trace.jsonl", [], "The trace has no rows"),
        ("elsewhere/trace.jsonl", None, "No such file"),
    ],
)
def test_a_file_that_is_no_trace_is_rejected(trace_file, tmp_path, name, rows, sentence):
    path = tmp_path / name if rows is None else trace_file(rows, name)

    with pytest.raises(CommandError, match=sentence):
        replay("--arrivals", path)


def test_a_speed_without_arrivals_is_rejected():
    with pytest.raises(CommandError, match="--speed needs recorded arrivals"):
        replay("--speed", 2)


@pytest.mark.skipif(not DATA.is_dir(), reason="the recorded traces are absent")
@pytest.mark.parametrize(
    ("file", "requests", "seconds", "prompt_tokens"),
    [
        ("telemetry_azure_llm/conv.jsonl.gz", 19_366, 3_501.721937, 22_361_870),
        ("telemetry_mooncake/conversation_first.jsonl.gz", 8_020, 2_448.0, 99_323_212),
    ],
)
def test_traces_of_production_services_are_read(file, requests, seconds, prompt_tokens):
    trace = read_trace(loading.json_rows(DATA / file))

    assert len(trace) == requests
    assert round(trace[-1].offset_seconds, 6) == seconds
    assert sum(each.prompt_tokens for each in trace) == prompt_tokens
