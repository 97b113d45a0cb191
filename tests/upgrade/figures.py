"""What an installation says of itself, as JSON: the same before and after an upgrade.

Archives keep figures of their version. When the tables change, change the statements here so that earlier figures keep
their name and shape; what is new gets a name of its own.
"""

import hashlib
import json
from typing import Any

from tests.upgrade.archived_installation import Running

LEDGER = """
    SELECT deployment_id, sum(accepted)::int, sum(stored)::int, sum(duplicate)::int, sum(sampled_out)::int,
        sum(rejected)::int, sum(invalid)::int
    FROM feedback_ingestbatch GROUP BY 1 ORDER BY 1
"""
LEDGER_BY_KIND = """
    SELECT deployment_id, kind, sum(accepted)::int, sum(stored)::int, sum(duplicate)::int, sum(sampled_out)::int,
        sum(rejected)::int, sum(invalid)::int
    FROM feedback_ingestcount GROUP BY 1, 2 ORDER BY 1, 2
"""
REJECTED = """
    SELECT deployment_id, kind, item_id::text, reason, replayed_at IS NOT NULL FROM feedback_rejecteditem ORDER BY id
"""
EXPORTS = """
    SELECT id, key, curated_set_id, format, status, rows, sha256,
        (SELECT count(*)::int FROM exports_exportitem WHERE batch_id = export.id)
    FROM exports_exportbatch AS export ORDER BY id
"""
# Folded or not: both together are what readers see.
ROLLUPS = """
    SELECT deployment_id, metric, segment <> '', sum(n)::int, sum(total)::float8 FROM (
        SELECT deployment_id, segment, metric, n, total FROM feedback_rollup WHERE bucket = 'hour'
        UNION ALL
        SELECT deployment_id, segment, change.metric, change.n, change.total FROM feedback_rollupdelta AS delta,
            jsonb_to_recordset(delta.changes) AS change (metric text, n bigint, total float8)
    ) AS row GROUP BY 1, 2, 3 HAVING sum(n) <> 0 ORDER BY 1, 2, 3
"""
SIGNALS = "SELECT deployment_id, type, {live}, {waiting}, {count} FROM {table} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
VECTORS = "SELECT field, {count} FROM {table} GROUP BY 1 ORDER BY 1"
IN_POSTGRES = {"live": "live::int", "waiting": "waiting::int", "count": "count(*)::int"}
IN_CLICKHOUSE = {"live": "toInt64(live)", "waiting": "toInt64(waiting)", "count": "toInt64(count())"}
TEXTS = (
    "id",
    "prompt",
    "messages",
    "response",
    "user_hash",
    "session_hash",
    "metadata",
    "tags",
    "masked",
    "occurred_at",
)
SET_FACTS = ("id", "name", "version", "status", "content_hash", "counts")
ERASURE_FACTS = ("id", "status", "events", "signals", "rejected_items", "examples")
REPORT_FACTS = ("id", "status", "verdict", "score", "n_reference", "n_current")


def figures(found: Running, *, requests: list[str]) -> dict[str, Any]:
    """Every figure; requests: the ids of all requests that were ever sent."""
    query, api = found.installation.query, found.api
    deployments = sorted(row["id"] for row in api.get("deployments?page_size=500")["results"])
    reports = {name: api.get(f"deployments/{name}/drift")["results"] for name in deployments}
    facts = {
        "configurations": {name: api.get(f"deployments/{name}/config") for name in deployments},
        "segment keys": {name: api.get(f"deployments/{name}")["segment_keys"] for name in deployments},
        "events": {name: _events(api, name) for name in deployments},
        "scores without texts": {name: _scores_without_texts(api, name) for name in deployments},
        "qualities": {name: _quality(api, name) for name in deployments},
        "signals": _stored(found, SIGNALS, "signal"),
        "vectors": _stored(found, VECTORS, "embedding"),
        "requests": {request: api.get(f"batches/{request}") for request in requests},
        "ledger": query(LEDGER),
        "ledger by kind": query(LEDGER_BY_KIND),
        "rejected items": query(REJECTED),
        "rollups": query(ROLLUPS),
        "sets": {name: _sets(api, name) for name in deployments},
        "exports": query(EXPORTS),
        "drift reports": {name: [_report(api, row["id"]) for row in rows] for name, rows in reports.items()},
        "triggers": {name: _triggers(api, name) for name in deployments},
        "erasures": [_erasure(api, row[0]) for row in query("SELECT id FROM exports_erasure ORDER BY id")],
        "requests in the stream": found.installation.entries(),
    }
    return _plain(facts)


def _listed(api, deployment: str) -> list[dict[str, Any]]:
    page = api.get(f"events?deployment_id={deployment}&page_size=500")
    assert page["next"] is None
    return page["results"]


def _scores_without_texts(api, deployment: str) -> dict[str, float]:
    """The scores that were made before the texts were dropped, and cannot be made again."""
    return {row["id"]: row["quality_score"] for row in _listed(api, deployment) if row["content_dropped"]}


def _events(api, deployment: str) -> dict[str, Any]:
    events = _listed(api, deployment)
    versions = sorted({(row["model_version_id"], row["prompt_version"]) for row in events})
    texts = sorted(json.dumps([row[name] for name in TEXTS], sort_keys=True) for row in events)
    return {
        "count": len(events),
        "by version": [[*version, sum(_version(row) == version for row in events)] for version in versions],
        "scores": sum(row["quality_score"] for row in events),
        "texts": hashlib.sha256("\n".join(texts).encode()).hexdigest(),
    }


def _version(row) -> tuple[str, str]:
    return row["model_version_id"], row["prompt_version"]


def _quality(api, deployment: str) -> dict[str, Any]:
    """Without what depends on the day on which it is asked; an interval as far as its method's rounding reaches."""
    answer = api.get(f"deployments/{deployment}/quality")
    interval = answer["interval"] and [round(bound, 6) for bound in answer["interval"]]
    return {"n": answer["n"], "mean": answer["mean"], "interval": interval}


def _stored(found: Running, statement: str, name: str) -> list:
    if not found.clickhouse:
        return found.installation.query(statement.format(table=f"feedback_{name}", **IN_POSTGRES))
    answer = found.clickhouse.query(statement.format(table=f"{name}s FINAL", **IN_CLICKHOUSE))
    rows = (line.split("\t") for line in answer.splitlines())
    return [[int(value) if value.isdecimal() else value for value in row] for row in rows]


def _sets(api, deployment: str) -> list[dict[str, Any]]:
    rows = api.get(f"deployments/{deployment}/curated-sets?page_size=500")["results"]
    for row in rows:
        row["counts"] = {name: row["counts"][name] for name in ("total", "by_strategy")}
    return [{name: row[name] for name in SET_FACTS} for row in rows]


def _report(api, report_id: int) -> dict[str, Any]:
    report = api.get(f"drift-reports/{report_id}")
    verdicts = {f"{row['name']} {row['segment']}".rstrip(): row["verdict"] for row in report["metrics"]}
    return {name: report[name] for name in REPORT_FACTS} | {"verdicts": verdicts}


def _triggers(api, deployment: str) -> dict[str, Any]:
    checks = api.get(f"deployments/{deployment}/triggers?page_size=500")["results"]
    firings = api.get(f"deployments/{deployment}/triggers/firings?page_size=500")["results"]
    return {"checks": [[row["name"], row["outcome"], row["value"]] for row in checks], "firings": len(firings)}


def _erasure(api, erasure_id: int) -> dict[str, Any]:
    erasure = api.get(f"erasures/{erasure_id}")
    return {name: erasure[name] for name in ERASURE_FACTS} | {"sets": [row["id"] for row in erasure["sets"]]}


def _plain(value: Any) -> Any:
    """What JSON gives back, with numbers rounded to where the order of adding up does not show."""
    return json.loads(json.dumps(value), parse_float=lambda text: float(f"{float(text):.9g}"))
