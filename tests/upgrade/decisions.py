"""What people do with a deployment over the API: drift reports, baselines, triggers, curated sets, exports, erasures.

A worker has to run, which does what the calls start.
"""

from collections.abc import Callable

from tests.servers.installation import until
from tests.upgrade.archived_installation import Running
from tests.upgrade.made_up_traffic import CODE, SHOP

VERSIONS = {"reference": {"model_version_id": "model-1"}, "current": {"model_version_id": "model-2"}}


def decide(found: Running) -> None:
    reports = [
        _report(found, SHOP, VERSIONS | {"segments": ["plan"]}),
        _report(found, SHOP, {}),
        _report(found, CODE, VERSIONS),
    ]
    found.api.call("PUT", f"deployments/{SHOP}/baselines/launch", {"window": {"last_events": 52}, "reason": "Launch"})
    found.api.post(f"drift-reports/{reports[1]}/accept", {"reason": "Expected after the new model."})
    found.api.call("PATCH", f"deployments/{SHOP}/triggers/rules", {"data_count": {"threshold": 20}})
    for deployment in (SHOP, CODE):
        found.api.post(f"deployments/{deployment}/triggers/check")
    _review_and_export(found)


def _review_and_export(found: Running) -> None:
    first, second, third = (_set(found, SHOP, "faq", limit=limit) for limit in (20, 30, 12))
    _decide_on(found, first, "approve")
    _decide_on(found, second, "submit")
    _decide_on(found, second, "approve")  # The first is superseded by this.
    _decide_on(found, third, "submit")
    _set(found, SHOP, "draft", limit=8)
    _decide_on(found, _set(found, CODE, "tone", limit=10), "reject", note="Too few examples of refusals.")
    code = _set(found, CODE, "snippets", limit=25)
    _decide_on(found, code, "approve")
    for export_format in ("jsonl", "preference_pairs"):
        _publish(found, _export(found, second, export_format))
    _publish(found, _export(found, code, "jsonl"))
    _export(found, second, "jsonl", options={"profile": "crucible"})


def erase(found: Running, user: str) -> None:
    erasure = found.api.post("erasures", {"user_id": user})["id"]
    _wait(found, f"erasures/{erasure}", lambda row: row["status"] == "completed")


def _report(found: Running, deployment: str, wanted: dict) -> int:
    report = found.api.post(f"deployments/{deployment}/drift", wanted)["id"]
    _wait(found, f"drift-reports/{report}", lambda row: row["status"] == "completed")
    return report


def _set(found: Running, deployment: str, name: str, *, limit: int) -> int:
    set_id = found.api.post(f"deployments/{deployment}/curated-sets", {"name": name, "limit": limit})["id"]
    _wait(found, f"curated-sets/{set_id}", lambda row: row["status"] == "draft" and row["counts"]["total"])
    return set_id


def _decide_on(found: Running, set_id: int, step: str, *, note: str = "") -> None:
    found.api.post(f"curated-sets/{set_id}/{step}", {"note": note})


def _export(found: Running, set_id: int, export_format: str, **options) -> int:
    return found.api.post("exports", {"curated_set": set_id, "format": export_format, **options})["id"]


def _publish(found: Running, export: int) -> None:
    found.api.post(f"exports/{export}/approve")
    _wait(found, f"exports/{export}", lambda row: row["status"] == "published")


def _wait(found: Running, path: str, holds: Callable[[dict], bool]) -> None:
    until(lambda: holds(found.api.get(path)))
