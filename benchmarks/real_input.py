"""Fills a running installation with real conversations: `python -m benchmarks.real_input [--finish]`.

CRUCIBLE_URL and CRUCIBLE_KEY name the installation, which must be the one of `make run` or of the environment: answers
of models are loaded with its command, thumbs and edits are sent to its API. With --finish one deployment is curated,
approved, exported, downloaded and read back. Running it twice adds nothing.
"""

import argparse
import gzip
import json
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import django
from django.core.management import call_command

from benchmarks import real_conversations
from benchmarks.api_client import COUNTS, Client
from benchmarks.labelled_data import data_folder, print_table
from config.embedded import environment

MODELS = {"gpt-4": "gpt-4-", "gpt-35": "gpt-3.5-"}
FINISHED = "lamp"
FORMATS = ("jsonl", "preference_pairs")
ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--finish", action="store_true", help=f"curate, approve and export {FINISHED} as well")
    arguments = parser.parse_args()
    client = _client()
    _load_answers()
    _send_reactions(client)
    _print_quality(client)
    if arguments.finish:
        _finish(client)


def _client() -> Client:
    """What is needed to begin, or the end with one sentence."""
    if not data_folder().is_dir():
        sys.exit(f"There is no data in {data_folder()}; CRUCIBLE_DATA may name another folder.")
    if not {"CRUCIBLE_URL", "CRUCIBLE_KEY"} <= os.environ.keys():
        sys.exit("Set CRUCIBLE_URL and CRUCIBLE_KEY to the address and the key that `make run` prints.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    environment.load(ROOT)
    if "DATABASE_URL" not in os.environ:
        sys.exit("DATABASE_URL is not set and `make run` does not run here: do one or the other first.")
    django.setup()
    client = Client(os.environ["CRUCIBLE_URL"], os.environ["CRUCIBLE_KEY"])
    client.get("deployments")  # A wrong address or key must show before anything is loaded.
    return client


def _load_answers() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for deployment_id, prefix in MODELS.items():
            path = Path(folder, f"{deployment_id}.jsonl.gz")
            with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as lines:
                for row in real_conversations.answers_of(prefix, datetime.now(UTC)):
                    lines.write(json.dumps(row) + "\n")
            print(f"\n{deployment_id}: load_events {path.name}")
            call_command("load_events", path, deployment=deployment_id, map=list(real_conversations.MAPPINGS))


def _send_reactions(client: Client) -> None:
    lines = []
    for deployment_id, (events, signals) in {
        "oasst": real_conversations.thumbs(),
        "lamp": real_conversations.edits(),
    }.items():
        for name, items in (("events", events), ("signals", signals)):
            counts = client.send(name, items)
            lines.append((deployment_id, name, len(items), *(counts[count] for count in COUNTS)))
    print_table("Sent over the API", ("deployment", "what", "sent", *COUNTS), lines)


def _print_quality(client: Client) -> None:
    rolling, versions = [], []
    for deployment_id in (*MODELS, "oasst", "lamp"):
        quality = client.get(f"deployments/{deployment_id}/quality?days=60")
        low, high = quality["interval"] or (float("nan"), float("nan"))
        rolling.append((deployment_id, quality["n"], quality["mean"], low, high))
        versions += [(deployment_id, *line) for line in real_conversations.version_means(quality["buckets"])]
    print_table("Quality, newest events", ("deployment", "n", "mean", "low", "high"), rolling)
    print_table("Quality by model version", ("deployment", "version", "events", "mean"), versions)


def _finish(client: Client) -> None:
    made = client.post(f"deployments/{FINISHED}/curated-sets", {"name": "real edits"})
    path = f"curated-sets/{made['id']}"
    built = client.wait_for(path, lambda curated_set: curated_set["status"] != "building")
    if built["error"]:
        sys.exit(f"Curation failed: {built['error']}")
    print(f"\nCurated set {built['id']}, version {built['version']}: {built['counts']}")
    client.post(f"{path}/submit", {"note": "Edits of professional writers."})
    approved = client.post(f"{path}/approve", {"note": "Read a sample of them."})
    print(f"{approved['status']} by {approved['decided_by']}")
    lines = [_export(client, made["id"], name) for name in FORMATS]
    print_table("Exported and read back", ("format", "status", "rows", "rows read", "bytes", "columns"), lines)


def _export(client: Client, curated_set: int, name: str) -> tuple:
    """Export, download and read one format; a file that differs from what the batch says ends the program."""
    batch = client.post("exports", {"curated_set": curated_set, "format": name})
    path = f"exports/{batch['id']}"
    if batch["status"] in {"requested", "failed"}:
        client.post(f"{path}/approve")
    batch = client.wait_for(path, lambda export: export["status"] in {"published", "failed"})
    if batch["status"] == "failed":
        sys.exit(f"The export {name} failed: {batch['error']}")
    content = client.read("GET", f"{path}/download")
    found = [json.loads(line) for line in content.decode().split("\n") if line]
    if (len(found), len(content)) != (batch["rows"], batch["bytes"]):
        sys.exit(
            f"{name}: {len(found)} rows and {len(content)} bytes, but the batch says {batch['rows']}, {batch['bytes']}"
        )
    return name, batch["status"], batch["rows"], len(found), len(content), ", ".join(found[0]) if found else ""


if __name__ == "__main__":
    main()
