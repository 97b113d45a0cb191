"""How long a process of one kind lets the database work on one statement."""

from django.db import connections


def limit(seconds: int) -> None:
    """End each statement of this process after so long, on connections opened from now on; 0 is no limit."""
    options = connections.settings["default"]["OPTIONS"]
    if seconds:
        options["options"] = f"{options.get('options', '')} -c statement_timeout={seconds * 1_000}".strip()
