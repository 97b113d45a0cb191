"""The manifest of an export, over the API and on its page."""

import json
import tomllib
import uuid
from importlib.metadata import version

import pytest
from django.conf import settings as django_settings
from django.urls import reverse

from curation.choices import ContaminationMethod, CopyMethod, CuratedSetStatus, LinkKind
from curation.models import ContaminatedEvent, DuplicateLink
from exports.batches import writing
from exports.choices import ExportFormat, ExportStatus
from exports.models import ExportBatch, ExportItem
from feedback.hashing import hash_person
from feedback.removal import objections
from tests.curation.factories import CuratedExampleFactory, CuratedPairFactory, CuratedSetFactory
from tests.exports.factories import ExportBatchFactory, approved_set
from tests.factories import NOON, StaffFactory

pytestmark = pytest.mark.django_db
OBJECTING = hash_person("u-7")


def manifest_of(api, batch):
    return api.get(f"/api/v1/exports/{batch.pk}/manifest")


def selected_set(examples=(), pairs=(), **fields):
    """An approved set with what a build and a review leave."""
    reviewer = StaffFactory(username="rita")
    curated_set = CuratedSetFactory(
        name="weekly",
        version=3,
        funnel={"gates": {"passed": 9}},
        candidates=900,
        snapshot_id=41,
        influence={"rows": 1, "of": 4, "people": 3},
        created_by=reviewer,
        decided_by=reviewer,
        decided_at=NOON,
        **fields,
    )
    for position, row in enumerate(examples):
        CuratedExampleFactory(curated_set=curated_set, position=position, **row)
    for position, row in enumerate(pairs):
        CuratedPairFactory(curated_set=curated_set, position=position, **row)
    curated_set.status = CuratedSetStatus.APPROVED
    curated_set.save(update_fields=["status"])
    return curated_set


def test_a_manifest_says_where_rows_come_from(api, operator, export, settings):
    settings.EXPORT_LICENSE = "cc-by-4.0"
    curated_set = selected_set(
        [{}, {"split": "test"}, {"strategy": "hard_example"}, {"user_hash": OBJECTING}],
        strategies=["high_quality", "hard_example"],
        parameters={"high_quality": {"p_good": 0.95}},
        filters={"tags": ["billing"]},
        limit=50,
        seed=7,
    )
    objections.record("u-7", by=operator)
    DuplicateLink.objects.bulk_create(
        DuplicateLink(
            curated_set=curated_set,
            kind=kind,
            method=method,
            similarity=0.9,
            kept_event_id=uuid.uuid4(),
            dropped_event_id=uuid.uuid4(),
        )
        for kind, method in [(LinkKind.DROPPED, CopyMethod.EXACT)] * 2 + [(LinkKind.LINKED, CopyMethod.MINHASH)]
    )
    ContaminatedEvent.objects.create(
        curated_set=curated_set,
        event_id=uuid.uuid4(),
        evaluation_set="gsm8k",
        row=4,
        method=ContaminationMethod.NORMALISED,
        similarity=1.0,
    )

    batch = export(curated_set)
    found = manifest_of(api, batch).data

    assert found.pop("request") == {
        "at": curated_set.created_at.isoformat(),
        "by": "rita",
        "strategies": ["high_quality", "hard_example"],
        "parameters": {"high_quality": {"p_good": 0.95}},
        "filters": {"tags": ["billing"]},
        "shares": {},
        "segments": {},
        "splits": {},
        "only_new": False,
        "limit": 50,
        "seed": 7,
    }
    assert found.pop("versions") == {
        "crucible_feedback": "0.1.0",
        "masking": "masking-1",
        "embedding_client": django_settings.EMBEDDING_CLIENT,
        **{name: version(name) for name in ("pyarrow", "rensa", "wordllama")},
    }
    columns = ["messages", "source", "score", "event_id"]
    assert found == {
        "manifest_version": 1,
        "deployment": "helpdesk",
        "set": "weekly",
        "version": 3,
        "semantic_version": "3.0.0",
        "parent": None,
        "set_id": curated_set.pk,
        "content_hash": curated_set.content_hash,
        "selection": {
            "candidates": 900,
            "examples": curated_set.counts,
            "queued": {},
            "pairs": 0,
            "funnel": {"gates": {"passed": 9}},
            "influence": {"rows": 1, "of": 4, "people": 3},
            "evidence_snapshot": 41,
        },
        "duplicates": {"dropped": {"exact": 2}, "linked": {"minhash": 1}},
        "decontamination": [{"evaluation_set": "gsm8k", "method": "normalised", "events": 1}],
        "approved_at": "2026-05-04T12:00:00+00:00",
        "approvals": [
            {"of": "set", "by": "rita", "at": "2026-05-04T12:00:00+00:00"},
            {"of": "export", "by": operator.username, "at": batch.approved_at.isoformat()},
        ],
        "license": "cc-by-4.0",
        "training": {"training_allowed": True, "left_out": 1},
        "format": "jsonl",
        "options": {},
        "tables": [
            {"product": "sft", "split": "train", "rows": 1, "columns": columns},
            {"product": "sft", "split": "test", "rows": 1, "columns": columns},
        ],
        "excluded": {"hard_example": 1, "training_not_allowed": 1},
        "left_out": {"sft": {"hard_example": 1, "training_not_allowed": 1}},
        "figures": {},
    }


def test_a_batch_that_is_written_again_has_the_same_manifest(api, export):
    batch = export(selected_set([{}, {}]))
    before = json.dumps(manifest_of(api, batch).data)
    ExportItem.objects.all().delete()
    ExportBatch.objects.update(status=ExportStatus.APPROVED, manifest={})

    writing.write(batch.pk)

    assert json.dumps(manifest_of(api, batch).data) == before


def test_a_manifest_warns_of_pairs_that_differ_in_length(api, console, export):
    pairs = [
        {"chosen": "Yes, that is so. " * 4, "rejected": "No.", "margin": 0.9, "prompt": "A?"},
        {"chosen": "Yes.", "rejected": "Not at all.", "margin": 0.4, "prompt": "B?"},
    ]

    batch = export(selected_set([{}], pairs), ExportFormat.PREFERENCE_PAIRS)

    assert manifest_of(api, batch).data["figures"] == {
        "preference": {
            "lengths": {
                "pairs": 2,
                "mean_characters_chosen": 36.0,
                "mean_characters_rejected": 7.0,
                "difference": 4.1429,
                "share_chosen_longer": 0.5,
                "correlation_with_margin": 1.0,
                "warning": "Chosen and rejected answers differ in length by more than 20 %. "
                "Preference tuning may learn the length.",
            }
        }
    }
    page = console.get(reverse("admin:exports_exportbatch_change", args=[batch.pk])).content.decode()
    for text in ("Preference tuning may learn the length.", "chosen 36, rejected 7 characters", "in 50% of 2 pairs"):
        assert text in page


def test_a_manifest_has_the_balance_of_labels(api, console, export):
    pair = {"prompt": "Where?", "chosen": "Here.", "rejected": "There."}
    examples = [{"prompt": f"{number}?", "response": f"The answer is {number}."} for number in range(7)]

    batch = export(selected_set(examples, [pair]), ExportFormat.KTO)

    assert manifest_of(api, batch).data["figures"] == {
        "kto": {"labels": {"desirable": 7, "undesirable": 1, "desirable_weight": 1.0, "undesirable_weight": 6.0}}
    }
    page = console.get(reverse("admin:exports_exportbatch_change", args=[batch.pk])).content.decode()
    assert "7 desirable, 1 undesirable" in page
    assert "desirable 1, undesirable 6" in page


def test_an_export_has_no_manifest_before_it_is_published(api, export):
    old = export(approved_set([{}]))
    ExportBatch.objects.filter(pk=old.pk).update(manifest={})

    assert manifest_of(api, ExportBatchFactory()).status_code == 409
    assert manifest_of(api, old).status_code == 404


def test_the_version_is_that_of_the_project():
    project = tomllib.loads((django_settings.BASE_DIR / "pyproject.toml").read_text())["project"]

    assert project["version"] == django_settings.PROGRAM_VERSION
