"""The environment of an installation that brings its own servers, for `up` and for every command beside it."""

import os
import sys
from pathlib import Path

from config.embedded import account, room, secrets, variables
from config.embedded.errors import CannotStart
from config.embedded.home import Home
from config.embedded.servers import ports, postgres, valkey

SHARED = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "HASH_KEY", "EXPORT_URL", "ALLOWED_HOSTS", "PUBLIC_URL")


def home_of(base_dir: Path) -> Home:
    return Home((base_dir / ".local").resolve())


def load(base_dir: Path) -> None:
    """Complete os.environ from the running installation; what is set already wins.

    `up` decides what the others read, so for it the values are worked out here, before the settings ask for them.
    """
    if sys.argv[1:2] == ["up"]:
        try:
            home = home_of(base_dir)
            room.wait(home.folder if home.folder.exists() else base_dir, _say)
            found = settle(home)
        except CannotStart as refusal:
            sys.exit(str(refusal))
    elif {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys():
        return
    else:
        found = variables.read(home_of(base_dir).runtime)
    for name, value in found.items():
        os.environ.setdefault(name, value)
    if not found and Path(sys.argv[0]).name == "manage.py":
        sys.exit("DATABASE_URL and REDIS_URL are not set, and `make run` has not run here: do one or the other first.")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def settle(home: Home) -> dict[str, str]:
    """Return what the programs need to know, with this home's own servers where the caller names none."""
    database = os.environ.get("DATABASE_URL", postgres.url(home))
    home.make(account.ensure() if database == postgres.url(home) else None)
    known = secrets.keep(home.secrets)
    return {
        "DATABASE_URL": database,
        "REDIS_URL": valkey.url(ports.first_free(valkey.FIRST_PORT), known["VALKEY_PASSWORD"]),
        "SECRET_KEY": known["SECRET_KEY"],
        "HASH_KEY": known["HASH_KEY"],
        "EXPORT_URL": f"file://{home.exports}",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
    }


def shared() -> dict[str, str]:
    """Return what commands beside `up` must know of it."""
    return {name: os.environ[name] for name in SHARED}
