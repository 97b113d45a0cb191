"""Which version of a measure is read, and what an earlier version measured."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from feedback.measures import language, measuring
from feedback.measures.binning import SCHEME
from feedback.models import Deployment, Rollup, RollupDelta
from feedback.quality.profiles import PROFILES
from feedback.rollups import deltas, folding, reading, versions
from feedback.stores import event_store
from feedback.stores.memory import MemoryStore
from tests.factories import NOON
from tests.feedback.rollups.scored import check, checks, figures, used, write
from tests.feedback.stores.rows import add_events, event, event_id


def test_the_version_of_today_is_in_force_and_else_the_last_one(db, monkeypatch):
    Deployment.objects.create(pk="helpdesk")
    with used(MemoryStore()):
        later = [event(number, occurred_at=NOON + timedelta(hours=1), quality_score=1.0) for number in (3, 4)]
        scores = [checks(number, 1.0, "default-8") for number in (3, 4)]
        write(1, 2, version="default-7")
        add_events(event_store(), *later, scores=scores)
        deltas.add(measuring.measure(later, deltas.by_event(scores)))
        window = reading.window(NOON, NOON + timedelta(hours=2), "helpdesk")

        assert reading.histograms(window)["quality"].mean == 1.0
        assert [row.mean for row in reading.sums_by(window, ["quality"], ["model_version_id"])] == [1.0]
        assert versions.first_hour(window, "quality", "default-8") == NOON + timedelta(hours=1)
        assert reading.histograms(window, versions={"quality": "default-7"})["quality"].n == 2
        assert reading.sums_by(window, [reading.EVENTS], [])[0].n == 4
        monkeypatch.setitem(PROFILES, "default", replace(PROFILES["default"], version="default-7"))
        assert reading.histograms(window)["quality"].mean == 0.5


def test_rows_of_earlier_writers_count_as_the_first_version(db):
    hour = datetime(2026, 5, 4, 12, tzinfo=UTC)
    change = {"n": 1, "squares": 1.0, "bins": [1], "names": [], "counts": [1]}
    RollupDelta.objects.create(
        deployment_id="helpdesk",
        hour_at=hour,
        scheme=SCHEME,
        changes=[
            {"metric": "prompt_tokens", "total": 1.0, **change},
            {"metric": "check.format", "total": 0.0005, **change},
        ],
    )
    expected = {
        "check.format": {"default-2": (1, 0.0005)},
        "prompt_tokens": {"1": (1, 1.0)},
    }

    assert figures() == expected
    folding.fold()
    assert figures() == expected
    assert set(Rollup.objects.values_list("metric", "assessor")) == {
        ("check.format", "checks"),
        ("prompt_tokens", ""),
    }


def test_texts_that_an_earlier_version_measured_are_measured_again_by_a_rebuild(db, monkeypatch):
    Deployment.objects.create(pk="helpdesk")
    with used(MemoryStore()):
        with monkeypatch.context() as patch:
            patch.setattr(language, "VERSION", "1")
            write(1, 2)
        assert figures()["language"] == {"1": (2, 0)}
        assert "0 rows differ" in check()

        call_command("rebuild_rollups", stdout=StringIO())

        assert figures()["language"] == {language.VERSION: (2, 0)}
        assert "0 rows differ" in check()


def test_a_missing_text_of_an_earlier_version_is_a_difference(db, monkeypatch):
    Deployment.objects.create(pk="helpdesk")
    with used(MemoryStore()) as store:
        with monkeypatch.context() as patch:
            patch.setattr(language, "VERSION", "1")
            write(1, 2)
        store.remove_events([event_id(1)])

        with pytest.raises(Exception, match="differ from the events"):
            check()
