"""Runs a requested drift report: reads its windows, compares them and stores the results."""

from collections.abc import Sequence
from dataclasses import asdict, fields

from django.db import transaction

from drift.choices import Profile, Verdict
from drift.crucible import parity, parity_reading
from drift.measures import facts, verdicts
from drift.measures.verdicts import MetricResult, VerdictParameters
from drift.models import DriftReport
from drift.reading import changed_measures, contents, embedding, overlaps, tool_lists
from drift.reading.contents import Reading, Wanted
from drift.reading.overlaps import WindowsOverlap
from drift.reports import comparison, history, lifecycle, rows
from drift.reports.comparison import Compared
from drift.reports.persistence import Rule, State
from drift.windows.window import InvalidWindow, parse
from feedback.measures.binning import SCHEME
from feedback.rollups import repeated


def run(report_id: int) -> DriftReport:
    """Compute a running report and finish it; a finished report is returned unchanged.

    A report whose windows overlap or do not exist fails with that reason. Any other exception also fails the
    report, and is raised.
    """
    report = DriftReport.objects.get(pk=report_id)
    if report.finished_at is not None:
        return report
    try:
        results, states = _crucible(report) if report.profile == Profile.CRUCIBLE else _standard(report)
        with transaction.atomic():
            if lifecycle.complete(report_id, **results):
                history.save(report, states)
    except (WindowsOverlap, InvalidWindow) as error:
        lifecycle.fail(report_id, str(error))
    except Exception as error:
        lifecycle.fail(report_id, f"{type(error).__name__}: {error}")
        raise
    report.refresh_from_db()
    return report


def recompute(report: DriftReport) -> list[Compared]:
    """Compare the windows of a finished standard report again, with its parameters and its seed.

    The results are identical as long as its events or its baseline have not changed.
    """
    names = {field.name for field in fields(VerdictParameters)}
    parameters = VerdictParameters(**{name: value for name, value in report.parameters.items() if name in names})
    wanted = Wanted(report.deployment_id, report.segments, parameters.embedding_sample)
    reference, current = (
        contents.read_again(report.resolved_windows[side], wanted) for side in ("reference", "current")
    )
    return _compared(report, reference, current, parameters)


def _compared(
    report: DriftReport, reference: Reading, current: Reading, parameters: VerdictParameters
) -> list[Compared]:
    return comparison.compare(
        reference.data,
        current.data,
        parameters=parameters,
        seed=report.seed,
        measured_since=changed_measures.measured_since(report.deployment_id, reference.data, current.data),
    )


def _standard(report: DriftReport) -> tuple[dict, dict[tuple[str, str], State]]:
    parameters, rule = VerdictParameters(), Rule()
    repeated.set_keys(report.deployment_id)
    wanted = Wanted(
        report.deployment_id, report.segments, parameters.embedding_sample, embedding.fill(report.deployment_id)
    )
    reference, current = contents.read_pair(parse(report.reference_window), parse(report.current_window), wanted)
    overlaps.check(reference, current, report.deployment_id)
    judged = _compared(report, reference, current, parameters)
    persistent, states = judged, {}
    if report.is_scheduled:
        persistent, states = history.persisted(judged, history.states_of(report), current.resolved, rule)
    results = [one.result for one in persistent]
    found = _found(results, verdicts.overall_score(results), reference, current)
    windows = found["resolved_windows"]
    if new := tool_lists.new_in(report.deployment_id, **windows):
        windows["current"] = {**windows["current"], "new_tool_lists": new}
    return {
        **found,
        "metrics": rows.metrics_as_json(persistent, judged, states),
        "histograms": rows.histograms_as_json(persistent),
        "parameters": {**asdict(parameters), "persistence": asdict(rule) if report.is_scheduled else None},
        "methods": {**facts.VERSIONS, "bins": str(SCHEME)},
    }, states


def _found(results: Sequence[MetricResult], score: float | None, reference: Reading, current: Reading) -> dict:
    return {
        "verdict": verdicts.overall_verdict(results),
        "score": score,
        "n_reference": reference.data.n,
        "n_current": current.data.n,
        "resolved_windows": {"reference": reference.resolved, "current": current.resolved},
    }


def _crucible(report: DriftReport) -> tuple[dict, dict]:
    parameters = parity.ParityParameters()
    (reference, before, of_reference), (current, after, of_current) = parity_reading.read_pair(
        report.deployment_id,
        parse(report.reference_window),
        parse(report.current_window),
        embedding_sample=parameters.embedding_sample,
        failure=embedding.fill(report.deployment_id),
    )
    if shared := len(before.ids & after.ids):
        raise WindowsOverlap(shared)
    metrics = parity.compare(reference, current)
    verdict = verdicts.overall_verdict(metrics)
    unjudged = verdict in (Verdict.INSUFFICIENT_DATA, Verdict.ERROR)
    compared = [Compared(metric, {"n": metric.n_reference}, {"n": metric.n_current}, None) for metric in metrics]
    return {
        "verdict": verdict,
        "score": None if unjudged else parity.overall_score(metrics),
        "n_reference": reference.n,
        "n_current": current.n,
        "resolved_windows": {"reference": of_reference, "current": of_current},
        "metrics": rows.metrics_as_json(compared, compared, {}),
        "parameters": asdict(parameters),
        "methods": {"crucible": parity.METHOD},
    }, {}
