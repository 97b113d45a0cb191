"""Attacks a server of its own and tells what an honest client saw meanwhile: `python -m benchmarks.attack`.

The server, its data and the attackers share this machine, so the figures are those of the worst case. An attack that
makes an honest health check or request wait for a second (99th percentile) fails the run.
"""

import argparse
import sys
import time

from benchmarks.attack import attacks, honest
from benchmarks.attack.attacks import Target
from benchmarks.ingestion_runs import LoadedInstallation, loaded_installation
from benchmarks.labelled_data import print_table
from tests.servers.installation import WEB

MOST_MILLISECONDS = 1_000
SETTLE_SECONDS = 3
ATTACKS = (
    attacks.packed_comments,
    attacks.public_flood,
    attacks.silent_sockets,
    attacks.versions,
    attacks.deployments,
    attacks.large_pages,
    attacks.logins,
    attacks.foreign_ids,
)
LEFT = {
    "events": "SELECT count(*) FROM feedback_event",
    "signals": "SELECT count(*) FROM feedback_signal",
    "deployments": "SELECT count(*) FROM feedback_deployment",
    "rollup rows": "SELECT (SELECT count(*) FROM feedback_rollup) + (SELECT count(*) FROM feedback_rollupdelta)",
    "database KiB": "SELECT pg_database_size(current_database()) / 1024",
}
FOLD = "from feedback.rollups import folding; folding.fold()"
SIGNALS, READ, INGEST = "signals", "read", "ingest"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attack")
    parser.add_argument("--seconds", type=float, default=10, help="how long each attack lasts")
    parser.add_argument("--only", nargs="+", choices=[attack.__name__ for attack in ATTACKS])
    arguments = parser.parse_args()
    with loaded_installation() as site:
        site.made.manage("collectstatic", "--no-input")
        target = Target(
            site.made.port,
            site.made.key,
            _key(site, SIGNALS, "--public"),
            _key(site, READ, SIGNALS, INGEST, "--deployments", "shop"),
            arguments.seconds,
        )
        client_key = _key(site, INGEST, READ)
        chosen = [attack for attack in ATTACKS if not arguments.only or attack.__name__ in arguments.only]
        runs = [_run(site, target, client_key, attack) for attack in (None, *chosen)]
    print_table("What honest clients saw: median and 99th percentile in ms", _HEADINGS, [seen for seen, *_ in runs])
    print_table("What attackers were answered", ("attack", "answers"), [answers for _, answers, _ in runs[1:]])
    print_table("What is left, and the web server's memory", ("attack", *LEFT, "MiB"), [left for *_, left in runs])
    slow = [seen[0] for seen, *_ in runs if max(seen[2], seen[4], seen[6]) >= MOST_MILLISECONDS]
    if slow:
        sys.exit(f"Honest clients waited for a second or more during: {', '.join(slow)}.")


_HEADINGS = ("attack", *(f"{name} {part}" for name, *_ in honest.CALLS for part in ("p50", "p99")), "not 2xx")


def _key(site: LoadedInstallation, *scopes: str) -> str:
    return site.made.manage("create_api_key", "--user", "operator", "--scopes", *scopes).split()[-1]


def _run(site: LoadedInstallation, target: Target, client_key: str, attack) -> tuple[tuple, tuple, tuple]:
    name = attack.__name__.replace("_", " ") if attack else "none"
    before = _left(site)
    with honest.client(target.port, client_key) as seen:
        if attack:
            answers = attack(target)
        else:
            time.sleep(target.seconds)
            answers = {}
    site.made.drain()
    time.sleep(SETTLE_SECONDS)
    site.made.manage("shell", "--no-imports", "--command", FOLD)
    after = _left(site)
    grown = [after[item] - before[item] for item in LEFT]
    times = [number for call in seen.values() for number in call.milliseconds()]
    failed = {
        f"{label} {status}": n
        for label, call in seen.items()
        for status, n in call.statuses.items()
        if not 200 <= status < 300
    }
    return (
        (name, *times, _listed(failed)),
        (name, _listed(dict(sorted(answers.items())))),
        (name, *grown, site.memory_mib(peak=True)[WEB]),
    )


def _listed(counts: dict) -> str:
    return ", ".join(f"{key}: {n}" for key, n in counts.items()) or "none"


def _left(site: LoadedInstallation) -> dict[str, int]:
    return {name: site.database.execute(query).fetchone()[0] for name, query in LEFT.items()}


if __name__ == "__main__":
    main()
