"""Run a requested drift report: read its windows, compare them, keep what was found."""

from dataclasses import asdict

import numpy as np

from drift import comparison, parity, reports, windows
from drift.choices import Profile, Verdict
from drift.models import DriftReport
from drift.reading import Reading, read_pair
from feedback.quality.lengths import grapheme_count


class WindowsOverlap(ValueError):
    """Both windows hold the same events."""

    def __init__(self, shared: int):
        super().__init__(f"The reference and the current window share {shared:,} events.")


def run(report_id: int) -> DriftReport:
    """Compute a running report and finish it; a finished one stays as it is.

    A report whose windows share events fails with that reason. Any other failure also fails the report, and is raised.
    """
    report = DriftReport.objects.get(pk=report_id)
    if report.finished_at is not None:
        return report
    try:
        reports.complete(report_id, **_results(report))
    except WindowsOverlap as error:
        reports.fail(report_id, str(error))
    except Exception as error:
        reports.fail(report_id, f"{type(error).__name__}: {error}")
        raise
    report.refresh_from_db()
    return report


def _results(report: DriftReport) -> dict:
    crucible = report.profile == Profile.CRUCIBLE
    parameters = parity.Parameters() if crucible else comparison.Parameters()
    reference, current = read_pair(
        report.deployment_id,
        windows.parse(report.reference_window),
        windows.parse(report.current_window),
        length=grapheme_count if crucible else len,
        embedding_sample=parameters.embedding_sample,
    )
    if shared := len(set(reference.event_ids) & set(current.event_ids)):
        raise WindowsOverlap(shared)
    judge = _crucible if crucible else _standard
    return {
        **judge(reference, current, parameters, report.seed),
        "n_reference": reference.data.n,
        "n_current": current.data.n,
        "resolved_windows": {"reference": reference.resolved, "current": current.resolved},
        "parameters": asdict(parameters),
    }


def _standard(reference: Reading, current: Reading, parameters, seed):
    metrics = comparison.compare(reference.data, current.data, parameters=parameters, rng=np.random.default_rng(seed))
    return {
        "metrics": reports.metrics_as_json(metrics),
        "verdict": comparison.overall_verdict(metrics),
        "score": comparison.overall_score(metrics),
        "methods": comparison.VERSIONS,
    }


def _crucible(reference: Reading, current: Reading, parameters, seed):
    metrics = parity.compare(reference.data, current.data)
    verdict = comparison.overall_verdict(metrics)
    unjudged = verdict in (Verdict.INSUFFICIENT_DATA, Verdict.ERROR)
    return {
        "metrics": reports.metrics_as_json(metrics),
        "verdict": verdict,
        "score": None if unjudged else parity.overall_score(metrics),
        "methods": {"crucible": parity.METHOD},
    }
