"""One-sentence reasons why an example was selected."""

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
    """Return the signals of these kinds as text.

    Parameters
    ----------
    signals : mapping of str to int
        Counts by type of signal.
    kinds : iterable of str
        The types to name, in this order.

    Returns
    -------
    str
        Empty if there are none.

    Examples
    --------
    >>> counted({"thumbs_up": 2, "copy": 1}, ["thumbs_up", "copy", "share"])
    '2 thumbs up and 1 copy'
    """
    parts = [f"{signals[kind]} {NOUNS[kind][signals[kind] > 1]}" for kind in kinds if signals.get(kind)]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def described(quality: float | None, signals: Mapping[str, int], kinds: Iterable[str]) -> str:
    """Return quality and signals as a sentence.

    Parameters
    ----------
    quality : float or None
        0 to 1; None without a score.
    signals : mapping of str to int
        Counts by type of signal.
    kinds : iterable of str
        The types to name, in this order.

    Returns
    -------
    str
        With a full stop.

    Examples
    --------
    >>> described(0.31, {"report": 1}, ["report"]), described(None, {"report": 1}, ["report"])
    ('Quality 0.31 with 1 report.', 'Not scored, with 1 report.')
    """
    quality_text = "Not scored," if quality is None else f"Quality {quality:.2f}"
    signal_text = counted(signals, kinds)
    return f"{quality_text} with {signal_text}." if signal_text else f"{quality_text}."
