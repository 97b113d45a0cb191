"""What the page of a prompt shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from feedback.access.viewing import may_view
from feedback.console.trend_figures import Cell, Table
from feedback.models import Prompt, PromptRevision, PromptVersion
from feedback.prompts import differences, outcomes, rotation, traffic
from feedback.prompts.differences import Hunk
from feedback.prompts.outcomes import FEWEST, Outcome
from feedback.prompts.registry import stored_parts
from feedback.rollups.estimates import Estimate

RANGES = {"7": 7, "30": 30, "90": 90}
DEFAULT_RANGE = "30"
_SHOWN_REVISIONS = 20
_NOTHING = "–"


@dataclass(frozen=True)
class ShownRevision:
    served: str
    chosen_by: str
    chosen_at: datetime


@dataclass(frozen=True)
class Difference:
    """Two versions. hunks: what differs; is_same: nothing does."""

    before: PromptVersion
    after: PromptVersion
    hunks: list[Hunk]


@dataclass(frozen=True)
class PromptPage:
    versions: list[PromptVersion]
    revisions: list[ShownRevision]
    served: str
    days: str
    ranges: Sequence[str]
    outcomes: Table | None
    unregistered: list[tuple[str, int]]
    split: Table | None
    split_words: str
    is_off: bool
    difference: Difference | None
    command: str


def build(user, prompt: Prompt, query: Mapping[str, str], *, address: str) -> PromptPage:
    """query: days, before and after; address: of this installation."""
    versions = list(prompt.versions.select_related("created_by"))
    revisions = list(prompt.revisions.select_related("chosen_by")[:_SHOWN_REVISIONS])
    days = query.get("days", "")
    days = days if days in RANGES else DEFAULT_RANGE
    shows_traffic = may_view(user, "feedback.event") and may_view(user, "feedback.signal")
    found = outcomes.by_version(prompt.deployment_id, days=RANGES[days]) if shows_traffic else {}
    split = _split(prompt, revisions) if shows_traffic and len(prompt.rotation) > 1 else None
    return PromptPage(
        versions=versions,
        revisions=[ShownRevision(served_words(one), str(one.chosen_by), one.chosen_at) for one in revisions],
        served=served_words(prompt),
        days=days,
        ranges=list(RANGES),
        outcomes=_outcomes(versions, found, days) if shows_traffic else None,
        unregistered=_unregistered(prompt, found) if found else [],
        split=split and _split_table(split),
        split_words=_split_words(split) if split else "",
        is_off=bool(split and split.is_off),
        difference=_difference(prompt, versions, query),
        command=f"curl '{address}{reverse('resolve-prompt', args=[prompt.name])}?subject=USER' \\\n"
        '  -H "Authorization: Bearer $CRUCIBLE_KEY"',
    )


def served_words(chosen: Prompt | PromptRevision) -> str:
    """What is served, in one line."""
    if chosen.rotation:
        return f"rotation {rotation.written(stored_parts(chosen.rotation))}"
    return f"default {chosen.default_version}" if chosen.default_version else "DEFAULT_PROMPT_VERSION, else v1"


def _outcomes(versions: Sequence[PromptVersion], found: Mapping[str, Outcome], days: str) -> Table:
    total = sum(found[version.label].events for version in versions if version.label in found)
    header = ["Version", "Events", "Share", "Approval", "Checks", "Median latency (ms)", "Cost (USD)"]
    rows = [_row(version.label, found.get(version.label, Outcome()), total) for version in versions]
    note = (
        f"In brackets the 95 % interval; n is users for approval, events for the rest. Fewer than {FEWEST} have no "
        "interval. Events of one user are correlated, so intervals of checks, latency and cost are somewhat too narrow."
    )
    return Table(f"Outcome by version, last {days} days", header, rows, note)


def _row(name: str, outcome: Outcome, total: int) -> list[Cell]:
    return [
        Cell(name),
        Cell(f"{outcome.events:,}"),
        Cell(f"{outcome.events / total:.1%}" if total else _NOTHING),
        _cell(outcome.approval, "{:.3f}"),
        _cell(outcome.checks, "{:.3f}"),
        _cell(outcome.latency, "{:,.0f}"),
        _cell(outcome.cost, "{:.5f}"),
    ]


def _cell(estimate: Estimate | None, form: str) -> Cell:
    if estimate is None:
        return Cell(_NOTHING)
    n = f"n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{estimate.n:,}"
    if estimate.low is None or estimate.high is None:
        return Cell(form.format(estimate.value), f"({n}, too few)")
    return Cell(form.format(estimate.value), f"[{form.format(estimate.low)}, {form.format(estimate.high)}] ({n})")


def _unregistered(prompt: Prompt, found: dict[str, Outcome]) -> list[tuple[str, int]]:
    return outcomes.unregistered(found, PromptVersion.objects.of_deployment(prompt.deployment_id).labels())


def _split(prompt: Prompt, revisions: Sequence[PromptRevision]) -> traffic.Split:
    since = None
    for revision in revisions:
        if revision.rotation != prompt.rotation:
            break
        since = revision.chosen_at
    return traffic.split_of(prompt.deployment_id, stored_parts(prompt.rotation), since=since or prompt.created_at)


def _split_table(split: traffic.Split) -> Table:
    rows = [
        [
            Cell(part.version),
            Cell(f"{part.weight:.4g}\N{NO-BREAK SPACE}%"),
            Cell(_NOTHING if part.share is None else f"{part.share:.1%}", _bounds(part)),
            Cell(f"{part.events:,}"),
            Cell(_NOTHING if part.share is None else "off" if part.is_off else "as set"),
        ]
        for part in split.parts
    ]
    note = (
        "Of the events since this rotation began that name one of its versions"
        f"{f', the newest {traffic.MOST_EVENTS:,}' if split.is_cut else ''}. A share is taken over users, because a "
        "subject keeps its version; the intervals hold together at 95 %."
    )
    return Table("Rotation in traffic", ["Version", "Weight", "Share", "Events", "Result"], rows, note)


def _bounds(part: traffic.ShownPart) -> str:
    return "" if part.low is None or part.high is None else f"[{part.low:.1%}, {part.high:.1%}]"


def _split_words(split: traffic.Split) -> str:
    users = f"{split.users:,} user{'' if split.users == 1 else 's'}"
    if not split.is_enough:
        return f"Too few to tell: {users} since the rotation began, of at least {traffic.FEWEST_USERS}."
    if not split.is_off:
        return f"The traffic is split as the weights say ({users})."
    off = ", ".join(part.version for part in split.parts if part.is_off)
    return (
        f"The traffic is not split as the weights say: {off} ({users}). Applications may name a version themselves, "
        "keep an earlier answer, or not send the version that they got."
    )


def _difference(prompt: Prompt, versions: Sequence[PromptVersion], query: Mapping[str, str]) -> Difference | None:
    """The two versions asked for, else the default and the newest, else the two newest."""
    if len(versions) < 2:
        return None
    by_label = {version.label: version for version in versions}
    after = by_label.get(query.get("after", ""), versions[0])
    others = [version for version in versions if version is not after]
    before = by_label.get(query.get("before", "")) or by_label.get(prompt.default_version)
    before = others[0] if before is None or before is after else before
    return Difference(before, after, differences.hunks(as_text(before), as_text(after)))


def as_text(version: PromptVersion) -> str:
    """A version in one text, messages one after the other."""
    if version.messages is None:
        return version.text
    return "\n\n".join(f"{message['role']}:\n{message['content']}" for message in version.messages)
