"""What the page of a pairwise run shows."""

from typing import Any

from exports.choices import PairwiseStatus
from exports.models import PairwiseRun
from exports.pairwise.reporting import LEAST_PAIRS

_NAMES = {
    "gate": ("candidate", "current model"),
    "comparisons": ("row", "other answer"),
    "pairs": ("chosen", "rejected"),
}


def build(run: PairwiseRun) -> dict[str, Any]:
    """The context of the page."""
    return {
        "run": run,
        "sentence": sentence(run),
        "sections": _sections(run) if run.figures else [],
        "is_few": bool(run.figures) and run.figures["n"] < LEAST_PAIRS,
        "least_pairs": LEAST_PAIRS,
    }


def sentence(run: PairwiseRun) -> str:
    """What the run found, or where it is."""
    if run.status == PairwiseStatus.RUNNING:
        return "The judge is being asked."
    if run.status == PairwiseStatus.FAILED:
        return f"The run failed: {run.error}"
    if run.status == PairwiseStatus.CANCELLED:
        return "The run was cancelled."
    figures = run.figures
    keys = ("the position", "position"), ("the length", "verbosity")
    found = [name for name, key in keys if figures[key]["is_biased"]]
    if not found:
        return f"No bias of position or length is certain over {figures['n']:,} pairs."
    return f"The judge is biased by {' and '.join(found)} of answers, over {figures['n']:,} pairs."


def share(found: dict[str, float | None]) -> str:
    """A share with its interval."""
    if found["value"] is None:
        return "–"
    return f"{found['value']:.0%}{_range(found, '.0%')}"


def _sections(run: PairwiseRun) -> list[dict[str, Any]]:
    figures = run.figures
    position, verbosity, people = figures["position"], figures["verbosity"], figures["people"]
    a, b = _NAMES[run.source]
    sections = [
        (
            "Verdicts",
            [
                (f"The {a} is better", f"{figures['verdicts']['a']:,}"),
                (f"The {b} is better", f"{figures['verdicts']['b']:,}"),
                ("Tie, or different in the other order", f"{figures['verdicts']['tie']:,}"),
                ("Without a verdict", f"{figures['missing']:,}"),
            ],
        ),
        (
            "Position",
            [
                ("Calls that preferred the answer shown first", share(position["first"])),
                ("Verdicts that are different in the other order", share(figures["inconsistent"])),
                ("Of these towards the first, the second", f"{position['to_first']:,}, {position['to_second']:,}"),
                ("Bias", "certain" if position["is_biased"] else "not certain"),
            ],
        ),
        (
            "Length",
            [
                ("Preferred the longer answer", f"{share(verbosity['longer'])}, {verbosity['n']:,} pairs"),
                ("Odds for twice the length", _number(verbosity["odds_ratio"])),
                ("People preferred the longer answer", share(verbosity["people_longer"])),
                ("The judge beyond people", share(verbosity["beyond_people"])),
                ("Odds for twice the length, people held constant", _number(verbosity["partial_odds_ratio"])),
                ("Bias", "certain" if verbosity["is_biased"] else "not certain"),
            ],
        ),
    ]
    if people:
        kappa = _number(people["kappa"])
        equal = "–" if people["exact"] is None else f"{people['exact']:.0%}"
        sections.append(("Against people", [("Pairs", f"{people['n']:,}"), ("Equal", equal), ("Kappa", kappa)]))
    return [{"title": title, "facts": facts} for title, facts in sections]


def _number(found: dict[str, float | None]) -> str:
    return "–" if found["value"] is None else f"{found['value']:.2f}{_range(found, '.2f')}"


def _range(found: dict[str, float | None], form: str) -> str:
    if found["low"] is None or found["high"] is None:
        return ""
    return f" ({found['low']:{form}} to {found['high']:{form}})"
