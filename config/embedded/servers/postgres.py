"""A PostgreSQL server of this installation, reachable through a Unix socket only."""

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from config.embedded import account, process_table
from config.embedded.account import Account
from config.embedded.errors import CannotStart
from config.embedded.home import Home
from config.embedded.servers import binaries
from config.embedded.servers.binaries import PostgresPrograms

ROLE = DATABASE = "crucible"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # An error is logged without the row and the statement that it concerns, for they quote prompts and responses.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
# What a database that is thrown away may do without.
UNSAFE_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
TELL_AFTER_SECONDS = 5


def url(home: Home, database: str = DATABASE) -> str:
    return f"postgres://{ROLE}@/{database}?host={quote(str(_socket_folder(home)))}"


def _socket_folder(home: Home) -> Path:
    return home.sockets / "postgres"


@dataclass(frozen=True)
class Postgres:
    home: Home
    programs: PostgresPrograms
    account: Account | None

    @classmethod
    def of(cls, home: Home, user: Account | None) -> "Postgres":
        return cls(home, binaries.postgres(user, home.folder / "programs"), user)

    def prepare(self, say: Callable[[str], None]) -> None:
        """Make the data folder on the first start, and clear what an earlier server may have left behind."""
        self._own(_socket_folder(self.home))
        if not (self.home.postgres / "PG_VERSION").exists():
            say("Making the database, which happens once")
            self._initialise()
        _forget_dead_server(self.home.postgres)

    def command(self, *, unsafe: bool = False) -> list[str]:
        settings = SETTINGS | (UNSAFE_SETTINGS if unsafe else {})
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [
            str(self.programs.server), "-D", str(self.home.postgres), "-k", str(_socket_folder(self.home)), *options
        ]  # fmt: skip

    def _own(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.account:
            os.chown(folder, self.account.uid, self.account.gid)
        folder.chmod(0o700)

    def _initialise(self) -> None:
        # The folder gets its name when it is complete, so that an interrupted start leaves nothing half made.
        partial = self.home.folder / "postgres.partial"
        shutil.rmtree(partial, ignore_errors=True)
        self._own(partial)
        options = ["--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command = [self.programs.initdb, "-D", partial, "-U", ROLE, "--locale=C", "--no-instructions", *options]
        made = account.run(self.account, command)
        if made.returncode:
            raise CannotStart(f"PostgreSQL could not make its data folder: {made.stderr.strip()}")
        partial.rename(self.home.postgres)


def _forget_dead_server(data: Path) -> None:
    """Remove a lock file whose process number now belongs to another program, for which PostgreSQL would wait."""
    number = _locked_by(data)
    if number and Path(f"/proc/{number}").exists() and running(data) is None:
        (data / "postmaster.pid").unlink()


def running(data: Path) -> int | None:
    """Return the process number of the server on this data folder, or None."""
    number = _locked_by(data)
    return number if number and process_table.working_folder(number) == str(data) else None


def _locked_by(data: Path) -> int | None:
    try:
        return int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def wait_until_ready(home: Home, *, alive: Callable[[], bool], say: Callable[[str], None]) -> None:
    """Wait as long as the server lives: after a crash it may have much to replay."""
    started = told = time.monotonic()
    while not _answers(home):
        if not alive():
            raise CannotStart("PostgreSQL did not start")
        if time.monotonic() - told > TELL_AFTER_SECONDS:
            told = time.monotonic()
            say(f"PostgreSQL is not ready yet, it may be recovering from a crash ({told - started:.0f} s)")
        time.sleep(0.1)


def _answers(home: Home) -> bool:
    try:
        psycopg.connect(url(home, "postgres"), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def make_database(home: Home) -> None:
    with psycopg.connect(url(home, "postgres"), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if not found:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
