"""Whether sets of tool calls without any feedback of users teach a model: `python -m benchmarks.loop.traces`.

Recorded conversations, clean ones, noisy ones, and ones with former names of tools, go through ingestion, a set of the
strategy `consistent_call` and an export. The student names the tool that comes next; it is TF-IDF of the last two
messages and logistic regression. Of the tests, half by a hash of the conversation were used to tune.
"""

import math
import tempfile
import time
from collections.abc import Iterator, Sequence

from django.test.utils import override_settings
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from benchmarks import tool_names
from benchmarks.labelled_data import print_table, require_data
from benchmarks.loop import recorded_calls
from benchmarks.loop.recorded_calls import Turn
from benchmarks.rollups import prepared_database

TITLE = "Tool calls: which tool comes next"
HEADER = ("traffic", "arm", "rows", "of right tool", "tuned on", "held out", "standard error", "seconds")
CLEAN, NOISY, RENAMED = "clean", "noisy", "schema_drift"
# Of each side of a message, characters that the student reads.
_ENDS = 200


def main() -> None:
    require_data()
    with prepared_database():
        print_table(TITLE, HEADER, run())


def run() -> list[tuple]:
    """The lines of the table, with PostgreSQL and Valkey at hand."""
    with tempfile.TemporaryDirectory() as folder, override_settings(EXPORT_URL=f"file://{folder}"):
        tests = recorded_calls.conversations("test")
        halves = [
            recorded_calls.turns([one for one in tests if recorded_calls.is_held_out(one) == held_out])
            for held_out in (False, True)
        ]
        return [*_unchanged(CLEAN, halves), *_unchanged(NOISY, halves), *_renamed(halves)]


def _unchanged(name: str, halves: Sequence[Sequence[Turn]]) -> Iterator[tuple]:
    """Traffic with today's tools."""
    recorded = recorded_calls.turns(recorded_calls.conversations(name))
    right = [turn.tool for turn in recorded_calls.turns(recorded_calls.conversations(CLEAN))]
    is_right = [turn.tool == tool for turn, tool in zip(recorded, right, strict=True)]
    yield _line(name, "everything", _rows(recorded), halves, is_right, 0.0)
    begun = time.monotonic()
    deployment_id = f"traces-{name}"
    ids = recorded_calls.send(deployment_id, recorded, tools=recorded_calls.declared_tools())
    curated_set = recorded_calls.build(deployment_id)
    recorded_calls.approve(curated_set)
    rows = recorded_calls.exported(curated_set)
    seconds = time.monotonic() - begun
    by_id = dict(zip(ids, is_right, strict=True))
    kept = [by_id[str(one)] for one in curated_set.examples.accepted().values_list("event_id", flat=True)]
    yield _line(name, "set", rows, halves, kept, seconds)


def _renamed(halves: Sequence[Sequence[Turn]]) -> Iterator[tuple]:
    """Traffic whose tools have former names, none of them declared; some turns of today show the new ones."""
    recorded = recorded_calls.turns(recorded_calls.conversations(RENAMED))
    wrong = [False] * len(recorded)
    yield _line(RENAMED, "everything", _rows(recorded), halves, wrong, 0.0)
    begun = time.monotonic()
    deployment_id = "traces-renamed"
    recorded_calls.send(deployment_id, recorded)
    recorded_calls.send(deployment_id, halves[0], day=recorded_calls.TODAY, tools=recorded_calls.declared_tools())
    curated_set = recorded_calls.build(deployment_id)
    recorded_calls.approve(curated_set)
    rows = recorded_calls.exported(curated_set)
    yield _line(RENAMED, "set, no name confirmed", rows, halves, [False] * len(rows), time.monotonic() - begun)
    begun = time.monotonic()
    names = recorded_calls.confirm_renames(deployment_id)
    confirmed = [tool_names.TODAY.get(old) == new for old, new in names.items()]
    rows = recorded_calls.exported(curated_set)
    arm = f"set, {len(confirmed)} names confirmed, {confirmed.count(True)} right"
    is_right = [recorded_calls.name_of(row["messages"][-1]) in tool_names.FORMER for row in rows]
    yield _line(RENAMED, arm, rows, halves, is_right, time.monotonic() - begun)


def _rows(recorded: Sequence[Turn]) -> list[dict]:
    return [{"messages": [*turn.before, turn.called]} for turn in recorded]


def _line(
    name: str,
    arm: str,
    rows: Sequence[dict],
    halves: Sequence[Sequence[Turn]],
    is_right: Sequence[bool],
    seconds: float,
) -> tuple:
    student = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10.0, max_iter=500)
    )
    called = [row["messages"] for row in rows]
    student.fit([_read(messages[:-1]) for messages in called], [recorded_calls.name_of(one[-1]) for one in called])
    tuned, held_out = (
        float(student.score([_read(turn.before) for turn in half], [turn.tool for turn in half])) for half in halves
    )
    error = math.sqrt(held_out * (1 - held_out) / len(halves[1]))
    return name, arm, len(rows), sum(is_right) / len(is_right), tuned, held_out, error, round(seconds, 1)


def _read(before: Sequence[dict]) -> str:
    """What the student reads: the last two messages."""
    return " ".join(map(_message, before[-2:]))


def _message(message: dict) -> str:
    calls = message.get("tool_calls") or ()
    texts = [f"calls_{call['function']['name']} {call['function']['arguments']}" for call in calls]
    text = " ".join([message.get("content") or "", *texts])
    shown = text if len(text) <= 2 * _ENDS else f"{text[:_ENDS]} {text[-_ENDS:]}"
    return f"{message['role']}_says {shown}"


if __name__ == "__main__":
    main()
