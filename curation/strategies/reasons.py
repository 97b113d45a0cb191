"""Why an example was taken, in a sentence."""

from collections.abc import Iterable, Mapping

from feedback.choices import SignalType

NOUNS: dict[str, tuple[str, str]] = {
    SignalType.THUMBS_UP: ("thumbs up", "thumbs up"),
    SignalType.THUMBS_DOWN: ("thumbs down", "thumbs down"),
    SignalType.REGENERATE: ("regeneration", "regenerations"),
    SignalType.COPY: ("copy", "copies"),
    SignalType.SHARE: ("share", "shares"),
    SignalType.REPORT: ("report", "reports"),
}


def counted(signals: Mapping[str, int], kinds: Iterable[str]) -> str:
    """Return "2 thumbs up and 1 copy": the signals of these kinds, or nothing."""
    parts = [f"{signals[kind]} {NOUNS[kind][signals[kind] > 1]}" for kind in kinds if signals.get(kind)]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def described(quality: float | None, signals: Mapping[str, int], kinds: Iterable[str]) -> str:
    """Return "Quality 0.31 with 1 report.", "Quality 0.31." or "Not scored, with 1 report."."""
    quality_text = "Not scored," if quality is None else f"Quality {quality:.2f}"
    signal_text = counted(signals, kinds)
    return f"{quality_text} with {signal_text}." if signal_text else f"{quality_text}."
