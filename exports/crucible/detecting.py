"""Drift of a deployment, computed now, and the results of earlier checks."""

from typing import Any

from drift.choices import Profile, ReportStatus, Verdict
from drift.models import DriftReport
from drift.reports import detection, lifecycle
from drift.windows.window import MAX_SKIP, InvalidWindow, newest_pair

_KEYS = {"ks": "ks_statistic"}


class DriftFailed(Exception):
    """A drift report could not be computed."""


def detect_drift(
    deployment_id: str, *, window_size: int | None = None, profile: str = "standard", seed: int = 0
) -> list[dict[str, Any]]:
    """Compare the newest events with as many just before them, and store the report.

    Parameters
    ----------
    deployment_id : str
    window_size : int, optional
        Events in each window, by default `DRIFT_WINDOW` or `window_size` of the deployment's `drift_detection`.
    profile : str
        `standard`, by which triggers and schedules judge, or `crucible` for the numbers of CrucibleFeedback.
    seed : int
        Of the permutation tests of the standard profile.

    Returns
    -------
    list of dict
        One for each metric, with `crucible` for the three detectors `statistical`, `embedding` and `output`:
        `detector`, `score` (None without one), `drifted`, `verdict` (`ok`, `watch`, `drifting`, `insufficient_data`
        or `error`), and `details`: the statistics with `n_reference`, `n_current` and a `sentence`. Scores of the
        standard profile are effects from 0 to 1; of the others `statistical` is a KS statistic or a stability index,
        `embedding` a distance, `output` a relative or absolute change.

    Raises
    ------
    Deployment.DoesNotExist
    InvalidWindow
        The size is out of range.
    ValueError
        The profile is unknown.
    DriftFailed
        Events could not be read or compared; the message says why.
    """
    windows = {}
    if window_size is not None:
        if not 1 <= window_size <= MAX_SKIP:
            raise InvalidWindow("window_size", f"window_size must be from 1 to {MAX_SKIP:,}.")
        windows = dict(zip(("reference", "current"), newest_pair(window_size), strict=True))
    report = lifecycle.request(deployment_id, profile=Profile(profile), seed=seed, enqueue=False, **windows)
    report = detection.run(report.pk)
    if report.status == ReportStatus.FAILED:
        raise DriftFailed(report.error)
    return _results(report)


def get_drift_history(deployment_id: str, *, limit: int = 100) -> list[dict[str, Any]]:
    """The newest completed drift reports of a deployment, scheduled ones too.

    Returns
    -------
    list of dict
        Newest first: `id`, `detected_at` (ISO 8601), `profile`, `verdict`, `score` (None without one), and `results`
        as of `detect_drift`. Empty for an unknown deployment.
    """
    reports = DriftReport.objects.of_deployment(deployment_id).completed().newest_first().defer("histograms")
    return [
        {
            "id": report.pk,
            "detected_at": report.finished_at.isoformat(),
            "profile": report.profile,
            "verdict": report.verdict,
            "score": report.score,
            "results": _results(report),
        }
        for report in reports[:limit]
    ]


def _results(report: DriftReport) -> list[dict[str, Any]]:
    return [
        {
            "detector": f"{metric['name']} {metric['segment']}".rstrip(),
            "score": metric["effect"],
            "drifted": metric["verdict"] == Verdict.DRIFTING,
            "verdict": metric["verdict"],
            "details": {
                **{_KEYS.get(name, name): value for name, value in metric["statistics"].items()},
                "n_reference": metric["n_reference"],
                "n_current": metric["n_current"],
                "sentence": metric["sentence"],
            },
        }
        for metric in report.metrics
    ]
