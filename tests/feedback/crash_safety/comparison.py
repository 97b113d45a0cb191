"""What clients were promised, compared with what an installation holds."""

from random import Random

from feedback.ingestion import stream
from tests.feedback.crash_safety.clients import Client, Sent
from tests.servers.installation import Installation

EVERY_RECEIPT = """
    SELECT batch_id::text, accepted FROM feedback_ingestbatch
    WHERE deployment_id = %s AND batch_id = ANY(%s::uuid[])
"""
LEDGER = """
    SELECT count(*) FILTER (WHERE accepted <> stored + duplicate + sampled_out + rejected)::int,
        sum(stored)::int, sum(sampled_out)::int, sum(rejected)::int, sum(invalid)::int
    FROM feedback_ingestbatch WHERE deployment_id = %s
"""
SCORES = """
    SELECT count(*)::int, count(DISTINCT event_id)::int FROM feedback_qualityscore
    WHERE assessor = 'checks' AND event_id IN (SELECT id FROM feedback_event WHERE deployment_id = %s)
"""
OWN_SCORES = """
    SELECT event_id::text, raw FROM feedback_qualityscore
    WHERE assessor = 'application' AND event_id IN (SELECT id FROM feedback_event WHERE deployment_id = %s)
"""
_ROLLED_UP = """
    SELECT sum(n)::int FROM (
        SELECT deployment_id, metric, n FROM feedback_rollup WHERE segment = '' AND bucket = 'hour'
        UNION ALL
        SELECT deployment_id, change.metric, change.n FROM feedback_rollupdelta AS delta,
            jsonb_to_recordset(delta.changes) AS change (metric text, n bigint)
        WHERE delta.segment = ''
    ) AS row WHERE metric = '{}' AND deployment_id = %s
"""
ROLLED_UP, OWN_SCORES_ROLLED_UP = (_ROLLED_UP.format(metric) for metric in ("quality", "solved"))
WAITING_SCORES = "SELECT count(*)::int FROM feedback_waitingscore WHERE deployment_id = %s"
SLOTS = "SELECT count(DISTINCT (event_id, user_hash, slot))::int FROM feedback_signal WHERE deployment_id = %s"
COUNTED = "SELECT kind, sum(stored)::int FROM feedback_ingestcount WHERE deployment_id = %s GROUP BY kind"
RECEIPTS_ASKED_FOR = 60


def assert_stored_once(installation: Installation, deployment: str, sent: Sent) -> None:
    """Everything accepted is stored once and nothing else is; ledger, scores, sums and live signals agree with it."""
    one = [deployment]
    assert sent.unexpected == []
    events = _ids(installation, "SELECT id::text FROM feedback_event WHERE deployment_id = %s", one)
    signals = _ids(installation, "SELECT id::text FROM feedback_signal WHERE deployment_id = %s", one)
    assert (len(events), set(events)) == (len(sent.events), sent.events)
    assert (len(signals), set(signals)) == (len(sent.signals), sent.signals)
    assert installation.query(SCORES, *one) == [(len(events), len(events))]
    assert installation.query(ROLLED_UP, *one) == [(len(events),)]
    counted = dict(installation.query(COUNTED, *one))
    # A score that is sent again is stored again, and changes nothing.
    scores = counted.pop("score", 0)
    assert scores >= sum(receipt["accepted"] for receipt in sent.receipts) - len(events) - len(signals)
    assert installation.query(LEDGER, *one) == [(0, len(events) + len(signals) + scores, 0, 0, 0)]
    assert counted == {kind: n for kind, n in (("event", len(events)), ("signal", len(signals))) if n}
    assert dict(installation.query(OWN_SCORES, *one)) == sent.scores
    assert installation.query(OWN_SCORES_ROLLED_UP, *one) == [(len(sent.scores) or None,)]
    assert installation.query(WAITING_SCORES, *one) == [(0,)]
    receipts = {receipt["batch_id"]: receipt["accepted"] for receipt in sent.receipts}
    assert dict(installation.query(EVERY_RECEIPT, deployment, list(receipts))) == receipts
    _assert_live(installation, deployment, sent)
    _assert_nothing_pending(installation, deployment, receipts)


def _ids(installation, statement, parameters) -> list[str]:
    return [row[0] for row in installation.query(statement, *parameters)]


def _assert_live(installation, deployment, sent) -> None:
    live = "SELECT id::text FROM feedback_signal WHERE live AND NOT waiting AND deployment_id = %s"
    waiting = "SELECT count(*)::int FROM feedback_signal WHERE waiting AND deployment_id = %s"
    assert set(_ids(installation, live, [deployment])) == set(sent.live.values())
    assert installation.query(SLOTS, deployment) == [(len(sent.live),)]
    assert installation.query(waiting, deployment) == [(0,)]


def _assert_nothing_pending(installation, deployment, receipts) -> None:
    client = Client(installation.port, installation.key, deployment)
    asked = Random(0).sample(sorted(receipts), min(RECEIPTS_ASKED_FOR, len(receipts)))
    counts = [client.get(f"/api/v1/batches/{batch_id}") for batch_id in asked]
    client.close()
    assert {row["batch_id"]: (row["accepted"], row["pending"]) for row in counts} == {
        batch_id: (receipts[batch_id], 0) for batch_id in asked
    }
    assert list(installation.stream.scan_iter(f"{stream.PENDING}*")) == []
    assert installation.stream.exists(stream.WAITING, stream.HELD_BYTES) == 0
