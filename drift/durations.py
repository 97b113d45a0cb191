"""Lengths of time for people: days, hours, minutes and seconds instead of thousands of seconds."""

_UNITS = ((3_600, "h"), (60, "min"), (1, "s"))


def duration(seconds: float) -> str:
    """Whole seconds, such as "1 day 2 h"."""
    days, rest = divmod(int(seconds), 86_400)
    parts = [f"{days:,} day{'' if days == 1 else 's'}"] if days else []
    for size, name in _UNITS:
        number, rest = divmod(rest, size)
        if number:
            parts.append(f"{number} {name}")
    return " ".join(parts) or "0 s"
