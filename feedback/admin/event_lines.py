"""What the line of an event in a list says of its feedback: the evidence and the live signals."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join

from feedback.choices import SignalType
from feedback.evidence.keeping.reading import EventEvidence, evidence_of_events
from feedback.stores import pages
from feedback.stores.base import SignalFilter

_LINE = '<span class="cf-said">{}</span>'
_QUIET = '<span class="cf-said cf-quiet">{}</span>'


@dataclass(frozen=True)
class EventFeedback:
    """signals: how many live ones of each type."""

    evidence: EventEvidence | None
    signals: Counter[str]

    def as_html(self):
        """The lines of a cell."""
        if self.evidence is None and not self.signals:
            return "–"
        lines = [(_LINE, text) for text in self._numbers()] + [(_QUIET, text) for text in self._facts()]
        # One element, because cells are boxes beside their labels on a phone.
        return format_html("<div>{}</div>", format_html_join("", "{}", ((format_html(*line),) for line in lines)))

    def _numbers(self) -> list[str]:
        found = self.evidence
        if found is None:
            return []
        p_good = "not enough agreement" if found.p_good is None else f"P(good) {found.p_good:.3f}"
        approval = f", approval {found.approval.mean:.3f}" if found.approval else ""
        return [p_good + approval]

    def _facts(self) -> list[str]:
        share, facts = self.evidence and self.evidence.approval, []
        if self.evidence is not None and share:
            users = self.evidence.users
            interval = f"{100 * share.level:.0f} % interval {share.low:.3f} to {share.high:.3f}"
            facts.append(f"{interval}, {users:,} user{'' if users == 1 else 's'}")
        counts = [f"{kind.label} {self.signals[kind]:,}" for kind in SignalType if self.signals[kind]]
        return [*facts, *([", ".join(counts)] if counts else [])]


def feedback_of(event_ids: Sequence[str]) -> dict[str, EventFeedback]:
    """The feedback on each of these events."""
    evidence = evidence_of_events(event_ids)
    signals: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in pages.read(SignalFilter(event_ids=event_ids), ["event_id", "type"]) if event_ids else []:
        signals[row["event_id"]][row["type"]] += 1
    return {event_id: EventFeedback(evidence.get(event_id), signals[event_id]) for event_id in event_ids}
