"""Makes the archives that later versions start from: `python -m tests.upgrade.make_archive [FOLDER]`.

Run it in a checkout of the version to archive, before the version after it changes anything. It drives a whole
installation for each event store through API and commands, and writes STORE.tar.xz and STORE.json into FOLDER/VERSION.
"""

import json
import secrets
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.installation import VALKEY, WEB, WRITER, Installation
from tests.upgrade.archived_installation import ARCHIVES, STORES, Running, pack, running, start_servers
from tests.upgrade.decisions import decide, erase
from tests.upgrade.figures import figures
from tests.upgrade.made_up_traffic import (
    CHANGES,
    CLINIC,
    CODE,
    CONFIGURATIONS,
    DAYS,
    ERASED_USER,
    KIOSK,
    SHOP,
    Traffic,
)
from tests.upgrade.scheduled_tasks import run_scheduled

ROOT = Path(__file__).resolve().parents[2]
WORKERS = ("worker-ingest", "worker")
# A changed configuration counts in every process after this long.
CONFIGURED_SECONDS = 3
TOO_SLOW_MS = 900_000
REFUSED_COMMENT = "refused"
# What makes the store refuse an item for a while: the table, then the rule.
RULES = {
    "postgres": {
        "feedback_event": f"CHECK (latency_ms < {TOO_SLOW_MS})",
        "feedback_signal": f"CHECK (comment <> '{REFUSED_COMMENT}')",
    },
    "clickhouse": {
        "events": f"CHECK latency_ms < {TOO_SLOW_MS}",
        "signals": f"CHECK comment != '{REFUSED_COMMENT}'",
    },
}
# Of the figures, those in which a later version must come to the same result when it writes what waits.
AFTER = (
    "scores without texts",
    "requests",
    "ledger",
    "ledger by kind",
    "signals",
    "rejected items",
    "requests in the stream",
)


class Sender:
    """Sends lists of items and remembers the requests."""

    def __init__(self, found: Running):
        self.found = found
        self.requests: list[str] = []

    def send(self, path: str, items: list[dict]) -> None:
        for start in range(0, len(items), 40):
            receipt = self.found.api.post(path, {path: items[start : start + 40]})
            self.requests.append(receipt["batch_id"])

    def events(self, items: list[dict]) -> None:
        self.send("events", items)

    def signals(self, items: list[dict]) -> None:
        self.send("signals", items)


def make(store: str, target: Path) -> None:
    settings = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "HASH_KEY": secrets.token_hex(32),
        "EMBEDDING_SAMPLE_PER_HOUR": "4",
    }
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), store, settings) as found:
        installation = found.installation
        start_servers(found)
        installation.set_up()
        sender, traffic = Sender(found), Traffic.until_now()
        stored = _live(found, store, sender, traffic)
        known = {"store": store, "settings": settings, "api_key": installation.key}
        installation.stop(WRITER)
        _wait_in_stream(sender, traffic, stored)
        known["waiting"] = {batch: row["pending"] for batch, row in _requests(sender).items() if row["pending"]}
        known["before"] = figures(found, requests=sender.requests)
        known["person"] = _person(found, stored[0])
        known["events"] = [_event(found, event["id"]) for event in stored[::12]]
        installation.stop(WEB)
        pack(found, target / f"{store}.tar.xz")
        _write_what_waits(found, store)
        after = figures(found, requests=sender.requests)
        known["after"] = {name: after[name] for name in AFTER}
    (target / f"{store}.json").write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")


def _live(found: Running, store: str, sender: Sender, traffic: Traffic) -> list[dict]:
    """Days of traffic with everything that people decide; return events that are stored."""
    for deployment, document in CONFIGURATIONS.items():
        found.api.call("PUT", f"deployments/{deployment}/config", document)
    for deployment, changes in CHANGES.items():
        found.api.call("PATCH", f"deployments/{deployment}", changes)
    time.sleep(CONFIGURED_SECONDS)
    stored = _send_days(sender, traffic, days=(0, 3.2))
    found.installation.drain()
    run_scheduled(found.installation, "fold_rollups", "embed_sample")
    stored += _send_days(sender, traffic, days=(3.2, 4.8))
    sender.events(stored[5:15])
    sender.signals(traffic.unmatched(SHOP) + traffic.unmatched(CODE))
    found.installation.drain()
    _have_refused(found, store, sender, traffic, stored)
    with _workers(found.installation):
        erase(found, ERASED_USER)
        decide(found)
    return [event for event in stored if _is_stored(found, event)]


@contextmanager
def _workers(installation: Installation) -> Iterator[None]:
    for name in WORKERS:
        installation.launch(name)
    try:
        yield
    finally:
        for name in WORKERS:
            installation.stop(name)


def _send_days(sender: Sender, traffic: Traffic, *, days: tuple[float, float]) -> list[dict]:
    share = (days[1] - days[0]) / DAYS
    sent = []
    for deployment, n in ((SHOP, 150), (CODE, 60), (CLINIC, 40)):
        events = traffic.events(deployment, round(n * share), days=days)
        signals = traffic.reactions(events)
        sender.signals(signals[:4])  # These come before their events.
        sender.events(events)
        sender.signals(signals[4:])
        sent += events
    return sent


def _have_refused(found: Running, store: str, sender: Sender, traffic: Traffic, stored: list[dict]) -> None:
    """Have the store refuse a few items, as a fault in it would; afterwards it would take them."""
    alter = found.clickhouse.query if found.clickhouse else found.installation.query
    for table, rule in RULES[store].items():
        alter(f"ALTER TABLE {table} ADD CONSTRAINT fault {rule}")
    slow = [traffic.events(name, 1, days=(4, 5))[0] | {"latency_ms": TOO_SLOW_MS + 1} for name in (SHOP, CLINIC)]
    sender.events(slow + traffic.events(SHOP, 2, days=(4, 5)))
    sender.signals([traffic.signal(stored[0], "share", comment=REFUSED_COMMENT)])
    found.installation.drain()
    for table in RULES[store]:
        alter(f"ALTER TABLE {table} DROP CONSTRAINT fault")


def _is_stored(found: Running, event: dict) -> bool:
    return found.api.ask("GET", f"events/{event['id']}")[0] == 200


def _event(found: Running, event_id: str) -> dict:
    event = found.api.get(f"events/{event_id}")
    return {name: value for name, value in event.items() if name != "signals"}


def _person(found: Running, event: dict) -> dict:
    """A user as clients name them and as they are known."""
    return {"user_id": event["user_id"], "user_hash": found.api.get(f"events/{event['id']}")["user_hash"]}


def _wait_in_stream(sender: Sender, traffic: Traffic, stored: list[dict]) -> None:
    """Send, with no writer running, what the next version is to write."""
    shop = traffic.events(SHOP, 12, days=(4.8, 5))
    late = traffic.events(SHOP, 3, days=(4.8, 5))
    sender.events(shop + stored[:3])
    # One request holds signals about stored events, about waiting ones and about some that come after it.
    reactions = traffic.reactions(shop) + [traffic.signal(event, "thumbs_up") for event in late]
    reactions += [traffic.signal(event, "thumbs_down", minutes=60 * 24) for event in stored[:4]]
    sender.signals(reactions + traffic.unmatched(SHOP)[:1])
    # Events of hours whose rollups are folded, and of hours whose are not.
    sender.events(
        late + shop[:2] + [event for name in (SHOP, CLINIC) for event in traffic.events(name, 6, days=(1, 4))]
    )
    sender.events(traffic.events(CLINIC, 6, days=(4.8, 5)) + traffic.events(CODE, 10, days=(4.8, 5)))
    sender.events([*traffic.events(KIOSK, 4, days=(4.8, 5)), {"deployment_id": SHOP, "prompt": "No response"}])
    sender.signals(reactions[:5])
    _read_without_writing(sender.found)


def _read_without_writing(found: Running) -> None:
    """Do what a writer does that dies before it writes: hold the oldest entry."""
    [name] = found.installation.stream.scan_iter(_type="stream")
    [group] = found.installation.stream.xinfo_groups(name)
    found.installation.stream.xreadgroup(group["name"], "gone:1:0", {name: ">"}, count=1)


def _requests(sender: Sender) -> dict[str, dict]:
    return {batch: sender.found.api.get(f"batches/{batch}") for batch in sender.requests}


def _write_what_waits(found: Running, store: str) -> None:
    if found.clickhouse:
        found.clickhouse.start()
    found.installation.start(VALKEY, WEB, WRITER)
    found.installation.drain()


def main() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    target = Path(sys.argv[1] if len(sys.argv) > 1 else ARCHIVES) / version
    target.mkdir(parents=True, exist_ok=True)
    for store in STORES:
        make(store, target)


if __name__ == "__main__":
    main()
