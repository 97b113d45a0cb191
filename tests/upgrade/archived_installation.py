"""An installation that goes into an archive or comes out of one: its database, stream, exports and ClickHouse folder.

A version's folder holds for each event store STORE.tar.xz, and beside it STORE.json with the figures that it had.
"""

import json
import tarfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.clickhouse_server import ClickHouseServer
from tests.servers.installation import POSTGRES, VALKEY, Installation, until
from tests.upgrade.api_client import ApiClient

ARCHIVES = Path(__file__).parent / "archives"
STORES = ("postgres", "clickhouse")
# Names inside of an archive.
DATABASE, STREAM, EXPORTS, CLICKHOUSE = "database.sql", "appendonlydir", "exports", "clickhouse"


@dataclass
class Running:
    """An installation with a client of its API and, where events are there, the ClickHouse server."""

    installation: Installation
    clickhouse: ClickHouseServer | None

    @property
    def api(self) -> ApiClient:
        return ApiClient(self.installation.port, self.installation.key)


@contextmanager
def running(folder: Path, store: str, settings: dict[str, str]) -> Iterator[Running]:
    """Servers without any data of the application; all of them end with the block."""
    with ExitStack() as cleanup:
        clickhouse = None
        if store == "clickhouse":
            clickhouse = ClickHouseServer(folder / CLICKHOUSE)
            settings = settings | {"CLICKHOUSE_URL": clickhouse.url}
            cleanup.callback(clickhouse.kill)
        made = Installation(folder, settings=settings | {"EVENT_STORE": store})
        cleanup.callback(made.tear_down)
        made.stream_server.prepare()
        yield Running(made, clickhouse)


def start_servers(found: Running) -> None:
    if found.clickhouse:
        found.clickhouse.start()
    found.installation.start(POSTGRES, VALKEY)
    found.installation.make_database()


def pack(found: Running, target: Path) -> None:
    """Put the state of an installation, of which nothing but its servers may run, into an archive and stop these."""
    installation = found.installation
    folder = installation.home.folder
    (folder / DATABASE).write_text(installation.run_postgres_program("pg_dump", "--no-owner", "--no-privileges"))
    _compact(installation)
    installation.stop(VALKEY)
    parts = {DATABASE: folder / DATABASE, STREAM: installation.home.valkey / STREAM, EXPORTS: installation.home.exports}
    if found.clickhouse:
        found.clickhouse.kill()
        parts[CLICKHOUSE] = Path(found.clickhouse.folder)
    with tarfile.open(target, "w:xz", preset=9) as archive:
        for name, path in parts.items():
            archive.add(path, name)


def _compact(installation: Installation) -> None:
    """Reduce the stream's file to what is still there."""
    installation.stream.bgrewriteaof()
    time.sleep(0.1)
    until(lambda: not any(_rewrites(installation)))


def _rewrites(installation: Installation) -> tuple[int, int]:
    state = installation.stream.info("persistence")
    return state["aof_rewrite_in_progress"], state["aof_rewrite_scheduled"]


@contextmanager
def restored(archive: Path, folder: Path) -> Iterator[tuple[Running, dict]]:
    """The installation of an archive with its servers running, and what was known of it."""
    known = json.loads(archive.with_name(f"{store_of(archive)}.json").read_text())
    with running(folder, store_of(archive), known["settings"]) as found:
        unpacked = folder / "unpacked"
        with tarfile.open(archive) as packed:
            packed.extractall(unpacked, filter="data")
        home = found.installation.home
        (unpacked / STREAM).rename(home.valkey / STREAM)
        for file in (unpacked / EXPORTS).iterdir():
            file.rename(home.exports / file.name)
        if found.clickhouse:
            (unpacked / CLICKHOUSE).rename(found.clickhouse.folder)
        start_servers(found)
        found.installation.run_postgres_program(
            "psql", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", str(unpacked / DATABASE)
        )
        found.installation.key = known["api_key"]
        yield found, known


def store_of(archive: Path) -> str:
    return archive.name.partition(".")[0]
