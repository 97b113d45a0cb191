"""The secrets of one installation: made once, kept in a file that only its user may read."""

import os
import secrets
import sys
from pathlib import Path

from config.embedded import variables

SHORTEST = 32
MAKERS = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "HASH_KEY": lambda: secrets.token_hex(32),
    "ADMIN_PASSWORD": lambda: secrets.token_urlsafe(12),
    "API_KEY": lambda: f"cf_{secrets.token_urlsafe(32)}",
    "VALKEY_PASSWORD": lambda: secrets.token_hex(24),
}


def keep(path: Path) -> dict[str, str]:
    """Return the secrets, making and storing those that are missing."""
    known = variables.read(path)
    missing = {name: make() for name, make in MAKERS.items() if name not in known}
    if missing:
        variables.write(path, known | missing)
    return known | missing


def renew(path: Path, name: str) -> str:
    """Replace one secret and return it."""
    known = variables.read(path) | {name: MAKERS[name]()}
    variables.write(path, known)
    return known[name]


def required(name: str) -> str:
    """The secret that the environment must hold; ends the process with a sentence if it is missing or short."""
    value = os.environ.get(name, "")
    if len(value) < SHORTEST:
        what = f"has {len(value)} characters" if value else "is not set"
        sys.exit(
            f"{name} {what}; it must have at least {SHORTEST}. "
            'Make one with: python3 -c "import secrets; print(secrets.token_hex(32))"'
        )
    return value
