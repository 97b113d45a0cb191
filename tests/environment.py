"""Servers for tests: a PostgreSQL and a Valkey in a temporary folder that go when the process that asked for them goes.

As a program, `python -m tests.environment COMMAND …` runs a command with such servers and ends with its exit status.
"""

import atexit
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from config.embedded import account
from config.embedded.errors import CannotStart
from config.embedded.home import ROOT, Home
from config.embedded.running.programs import Program, postgres_program, tied, valkey_program
from config.embedded.servers import ports, postgres, valkey
from config.embedded.servers.postgres import Postgres
from config.embedded.servers.valkey import Valkey

KEEP = "--keep"


@contextmanager
def temporary_servers() -> Iterator[dict[str, str]]:
    """Give the variables of temporary servers, which a keeper process ends even if this process is killed."""
    keeper = subprocess.Popen(
        [sys.executable, "-m", "tests.environment", KEEP],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        line = keeper.stdout.readline()
        if not line:
            sys.exit("The temporary servers did not start; the reason stands above.")
        yield json.loads(line)
    finally:
        keeper.stdin.close()
        keeper.wait()


def provide() -> None:
    """Set up temporary servers for this process and its children unless the environment names some."""
    if {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys():
        return
    servers = ExitStack()
    os.environ.update(servers.enter_context(temporary_servers()))
    atexit.register(servers.close)


def _keep() -> None:
    """Run the servers until the standard input ends, which it does when the other process ends in whatever way."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as cleanup:
        folder = Path(tempfile.mkdtemp(prefix="crucible-test-"))
        cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
        home = Home(folder)
        cleanup.callback(shutil.rmtree, home.sockets, ignore_errors=True)
        variables = _start_servers(home, cleanup)
        sys.stdout.write(json.dumps(variables) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


def _start_servers(home: Home, cleanup: ExitStack) -> dict[str, str]:
    user = account.ensure()
    home.make(user)
    if user:
        account.open_passage(user, home.folder)
    database = Postgres.of(home, user)
    database.prepare(_ignore)
    stream = Valkey(home, ports.first_free(20_000 + secrets.randbelow(10_000)), secrets.token_hex(16))
    stream.prepare(unsafe=True)
    running = {program.name: _start(home, program, cleanup) for program in (
        postgres_program(database, unsafe=True), valkey_program(stream)
    )}  # fmt: skip
    try:
        postgres.wait_until_ready(home, alive=lambda: running["postgres"].poll() is None, say=_ignore)
        stream.wait_until_ready(alive=lambda: running["valkey"].poll() is None, say=_ignore)
    except CannotStart as refusal:
        sys.exit(f"{refusal}:\n" + "\n".join(path.read_text() for path in home.logs.glob("*.log")))
    postgres.make_database(home)
    return {
        "DATABASE_URL": postgres.url(home),
        "REDIS_URL": valkey.url(stream.port, stream.password),
        "SECRET_KEY": secrets.token_urlsafe(50),
        "HASH_KEY": secrets.token_hex(32),
        "EXPORT_URL": f"file://{home.exports}",
    }


def _start(home: Home, program: Program, cleanup: ExitStack) -> subprocess.Popen:
    with (home.logs / f"{program.name}.log").open("w") as log:
        process = subprocess.Popen(program.line(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    cleanup.callback(process.wait)
    cleanup.callback(process.send_signal, program.stop_signal)
    return process


def _ignore(_text: str) -> None:
    """Tests wait in silence."""


def main() -> int:
    if sys.argv[1:] == [KEEP]:
        _keep()
        return 0
    with temporary_servers() as variables:
        return subprocess.run(tied(sys.argv[1:]), env=os.environ | variables, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
