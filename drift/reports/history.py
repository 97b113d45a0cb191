"""The history of a deployment's metrics over scheduled reports."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

from drift.choices import Verdict
from drift.models import DriftReport, MetricState
from drift.reports import persistence
from drift.reports.comparison import Compared
from drift.reports.persistence import Rule, Seen, State
from feedback.models import Deployment

_JUDGED = (Verdict.OK, Verdict.WATCH, Verdict.DRIFTING)


def states_of(report: DriftReport) -> dict[tuple[str, str], State]:
    rows = MetricState.objects.filter(deployment_id=report.deployment_id, reference_kind=report.reference_kind)
    return {(row.metric, row.segment): _state(row) for row in rows}


def persisted(
    compared: Sequence[Compared], states: dict[tuple[str, str], State], resolved: dict, rule: Rule
) -> tuple[list[Compared], dict[tuple[str, str], State]]:
    """The metrics with verdicts based on the history, and the states after this window."""
    if resolved["first_at"] is None:
        return list(compared), {}
    first_at, last_at = (datetime.fromisoformat(resolved[name]) for name in ("first_at", "last_at"))
    persistent, after = [], {}
    for one in compared:
        key = one.result.name, one.result.segment
        before = states.get(key, State())
        after[key] = persistence.advance(before, Seen(one.result.verdict, first_at, last_at), rule)
        persistent.append(_with_history(one, after[key], rule) if one.result.verdict in _JUDGED else one)
    return persistent, after


def _with_history(one: Compared, state: State, rule: Rule) -> Compared:
    if state.verdict == one.result.verdict == Verdict.OK:
        return one
    shown, seen = persistence.clear(state.windows), len(state.windows)
    of_windows = f"the last {seen} windows" if seen > 1 else "1 window so far"
    show = "shows" if shown == 1 else "show"
    history = f"{shown} of {of_windows} {show} a clear change, drift requires {rule.needed}"
    if state.verdict == Verdict.WATCH and one.result.verdict == Verdict.OK:
        history = f"an overlapping window showed a change; {history}"
    sentence = f"{one.result.sentence.removesuffix('.')}; {history}."
    return replace(one, result=replace(one.result, verdict=state.verdict, sentence=sentence))


def save(report: DriftReport, states: dict[tuple[str, str], State]) -> None:
    """Store the states; call it in the transaction that completes the report."""
    # Serialized with accepting a report, which deletes the states.
    Deployment.objects.select_for_update(no_key=True).get(pk=report.deployment_id)
    MetricState.objects.bulk_create(
        [_row(report, *key, state) for key, state in states.items()],
        update_conflicts=True,
        unique_fields=["deployment", "metric", "segment", "reference_kind"],
        update_fields=["verdict", "windows", "since_at", "report"],
    )


def _row(report, metric, segment, state):
    windows = [
        {**asdict(seen), "first_at": seen.first_at.isoformat(), "last_at": seen.last_at.isoformat()}
        for seen in state.windows
    ]
    return MetricState(
        deployment_id=report.deployment_id,
        metric=metric,
        segment=segment,
        reference_kind=report.reference_kind,
        verdict=state.verdict,
        windows=windows,
        since_at=state.since_at,
        report=report,
    )


def _state(row):
    times = ("first_at", "last_at")
    windows = [Seen(seen["verdict"], *(datetime.fromisoformat(seen[name]) for name in times)) for seen in row.windows]
    return State(row.verdict, tuple(windows), row.since_at)
