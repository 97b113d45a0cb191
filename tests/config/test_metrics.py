"""Prometheus reads the same figures as the ledger, whatever process answers."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_families
from prometheus_client.parser import text_string_to_metric_families
from rest_framework.test import APIClient

from curation.choices import CuratedSetStatus
from drift.choices import ReportStatus, Verdict
from exports.choices import ExportStatus
from feedback import metrics, valkey
from feedback.access import keys
from feedback.choices import ItemKind, Scope
from feedback.ingestion import stream
from feedback.models import ApiKey
from tests.curation.factories import CuratedSetFactory
from tests.drift.factories import DriftReportFactory
from tests.exports.factories import ExportBatchFactory, approved_set
from tests.factories import NOON, DeploymentFactory
from tests.feedback.factories import IngestCountFactory, RejectedItemFactory

EVENTS = "/api/v1/events"
EVENT = {"deployment_id": "helpdesk", "prompt": "How do I reset it?", "response": "Open the settings and follow it."}


@pytest.fixture
def scrape(api, write_all):
    """Read /metrics as {(sample, *labels in the order of their names): value}."""

    def read(client=api):
        answer = client.get("/metrics")
        assert answer.status_code == 200
        families = text_string_to_metric_families(answer.content.decode())
        return {
            (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
            for family in families
            for sample in family.samples
        }

    return read


def limited(operator, *deployment_ids, scopes=(Scope.READ,)):
    key, secret = keys.create(operator, "limited", scopes)
    ApiKey.objects.filter(pk=key.pk).update(deployments=list(deployment_ids))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def items(found, deployment_id, kind="event"):
    """{outcome: count} of one deployment and kind."""
    series = ("crucible_ingest_items_total", deployment_id, kind)
    return {key[3]: value for key, value in found.items() if key[:3] == series}


def test_sent_items_are_counted(api, write_all, scrape):
    twice = {**EVENT, "id": "0199aaaa-0000-7000-8000-000000000001"}
    for body in ({"events": [twice, EVENT, {**EVENT, "response": None}]}, twice):
        api.post(EVENTS, body, format="json")
    waiting = scrape()
    held = sum(len(fields[b"payload"]) for _, fields in valkey.client().xrange(stream.STREAM))
    write_all()
    found = scrape()

    assert waiting["crucible_ingest_pending_items", "helpdesk"] == 3
    assert waiting["crucible_ingest_backlog_entries",] == 2
    assert waiting["crucible_ingest_backlog_bytes",] == held > 0
    assert waiting["crucible_ingest_backlog_oldest_age_seconds",] >= 0
    assert items(found, "helpdesk") == {
        "accepted": 3,
        "stored": 2,
        "duplicate": 1,
        "sampled_out": 0,
        "rejected": 0,
        "invalid": 1,
    }
    assert found["crucible_quality_assessments_count", "helpdesk"] == 2
    assert 0 < found["crucible_quality_assessments_sum", "helpdesk"] <= 2
    assert found["crucible_ingest_flushes_total", "helpdesk"] >= 1
    assert timezone.now().timestamp() - found["crucible_last_flush_timestamp_seconds",] < 60
    assert found["crucible_ingest_backlog_entries",] == found["crucible_ingest_backlog_bytes",] == 0
    assert ("crucible_ingest_pending_items", "helpdesk") not in found
    assert found["crucible_up", "database"] == found["crucible_up", "stream"] == 1


def test_rows_of_one_deployment_add_up(scrape):
    IngestCountFactory(stored=2, rejected=1, invalid=4, flushes=1, score_total=1.5)
    IngestCountFactory(stored=3, sampled_out=5, flushes=2, score_total=2.0, hour_at=NOON - timedelta(hours=3))
    IngestCountFactory(kind=ItemKind.SIGNAL, stored=7, flushes=1)
    RejectedItemFactory()
    RejectedItemFactory(replayed_at=NOON)

    found = scrape()

    assert items(found, "helpdesk") == {
        "accepted": 11,
        "stored": 5,
        "duplicate": 0,
        "sampled_out": 5,
        "rejected": 1,
        "invalid": 4,
    }
    assert items(found, "helpdesk", "signal")["stored"] == 7
    assert found["crucible_ingest_flushes_total", "helpdesk"] == 4
    assert found["crucible_quality_assessments_count", "helpdesk"] == 5
    assert found["crucible_quality_assessments_sum", "helpdesk"] == 3.5
    assert found["crucible_last_flush_timestamp_seconds",] == NOON.timestamp()
    assert found["crucible_rejected_items", "helpdesk"] == 1


def test_jobs_are_counted_when_they_end(scrape):
    IngestCountFactory()
    CuratedSetFactory(counts={"user_edit": 2, "diverse": 3}, status=CuratedSetStatus.REJECTED)
    CuratedSetFactory(status=CuratedSetStatus.BUILDING, content_hash="", built_at=None)
    CuratedSetFactory(content_hash="", error="Nothing to curate.")
    DriftReportFactory(verdict=Verdict.DRIFTING)
    DriftReportFactory(verdict="", score=None, status=ReportStatus.RUNNING, finished_at=None)
    approved = approved_set([{}], counts={"high_quality": 1})
    ExportBatchFactory(curated_set=approved)
    published = {"rows": 1, "bytes": 9, "sha256": "a" * 64, "published_at": NOON}
    ExportBatchFactory(curated_set=approved, status=ExportStatus.PUBLISHED, **published)

    found = scrape()

    assert found["crucible_curation_runs_total", "helpdesk", "completed"] == 2
    assert found["crucible_curation_runs_total", "helpdesk", "failed"] == 1
    assert found["crucible_curated_examples_total", "helpdesk"] == 6
    assert found["crucible_drift_reports_total", "helpdesk", "drifting"] == 1
    assert [key for key in found if key[0] == "crucible_drift_reports_total"] == [
        ("crucible_drift_reports_total", "helpdesk", "drifting")
    ]
    assert found["crucible_exports_total", "jsonl", "published"] == 1
    assert found["crucible_exports_unfinished", "jsonl", "requested"] == 1


def test_labels_of_deployments_are_bounded_and_stay(scrape, monkeypatch):
    monkeypatch.setattr(metrics, "OWN_LABELS", 2)
    for number, name in enumerate(("third", "first", "second", "fourth")):
        hour_at = NOON + timedelta(hours={"first": 0, "second": 1}.get(name, 2))
        IngestCountFactory(deployment_id=name, stored=10**number, hour_at=hour_at)

    before = scrape()
    IngestCountFactory(deployment_id="third", stored=5_000, hour_at=NOON + timedelta(hours=3))
    after = scrape()

    assert {key[1] for key in before if key[0] == "crucible_ingest_items_total"} == {"first", "second", "(other)"}
    assert before["crucible_ingest_items_total", "(other)", "event", "stored"] == 1_001
    assert after["crucible_ingest_items_total", "(other)", "event", "stored"] == 6_001


def test_a_limited_key_sees_its_deployments_only(api, operator, scrape):
    for name in ("helpdesk", "shop"):
        DeploymentFactory(id=name)
        IngestCountFactory(deployment_id=name)
        RejectedItemFactory(deployment_id=name)
        api.post(EVENTS, {**EVENT, "deployment_id": name}, format="json")
        CuratedSetFactory(deployment_id=name)
    DriftReportFactory(deployment_id="shop")
    ExportBatchFactory(curated_set=approved_set([{}], deployment_id="shop"))

    found = scrape(limited(operator, "helpdesk"))

    assert found["crucible_ingest_items_total", "helpdesk", "event", "stored"] == 1
    assert found["crucible_ingest_pending_items", "helpdesk"] == 1
    assert [key for key in found if "shop" in key or "(other)" in key] == []
    assert {key[0] for key in found if len(key) == 1} == {"crucible_last_flush_timestamp_seconds"}
    assert [key for key in found if key[0].startswith("crucible_exports")] == []


@pytest.mark.parametrize("scopes", [[Scope.INGEST, Scope.SIGNALS, Scope.OPERATE], None])
def test_metrics_need_the_scope_read(operator, scopes):
    client = limited(operator, scopes=scopes) if scopes else APIClient()

    answer = client.get("/metrics", HTTP_ACCEPT="text/plain")

    assert answer.status_code == (403 if scopes else 401)
    assert answer.json()["errors"][0]["field"] == ""


def test_the_ledger_is_reported_when_the_stream_is_unavailable(api, scrape, settings):
    IngestCountFactory()
    scrape()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    found = scrape()

    assert (found["crucible_up", "database"], found["crucible_up", "stream"]) == (1, 0)
    assert found["crucible_ingest_items_total", "helpdesk", "event", "stored"] == 1
    assert [key for key in found if "backlog" in key[0] or "writers" in key[0]] == []


def test_the_stream_is_reported_when_the_database_is_unavailable(api, scrape):
    api.post(EVENTS, EVENT, format="json")
    scrape()

    def away(*_):
        raise OperationalError("connection refused")

    with connection.execute_wrapper(away):
        found = scrape()

    assert (found["crucible_up", "database"], found["crucible_up", "stream"]) == (0, 1)
    assert found["crucible_ingest_backlog_entries",] == 1
    assert found["crucible_ingest_pending_items", "helpdesk"] == 1
    assert [key for key in found if "ingest_items" in key[0]] == []


def test_a_scraper_chooses_between_the_two_formats(api, write_all):
    IngestCountFactory(deployment_id="a:b.c-d_e")

    plain = api.get("/metrics")
    open_format = api.get("/metrics", HTTP_ACCEPT="application/openmetrics-text; version=1.0.0")

    assert plain["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "# TYPE crucible_ingest_items_total counter\n" in plain.content.decode()
    assert open_format["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    names = {family.name for family in open_families(open_format.content.decode())}
    assert {"crucible_ingest_items", "crucible_quality_assessments", "crucible_up"} <= names


def test_a_scrape_needs_few_queries(api, write_all, django_assert_max_num_queries):
    for name in ("helpdesk", "shop", "search"):
        DeploymentFactory(id=name)
        IngestCountFactory(deployment_id=name)
        CuratedSetFactory(deployment_id=name)

    with django_assert_max_num_queries(8):
        api.get("/metrics")
