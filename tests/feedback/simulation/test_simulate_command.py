from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from feedback.ingestion import delivery
from feedback.models import Event, SampledEvent, Signal
from feedback.simulation import scenarios, sending, traffic
from feedback.simulation.scenarios import DEMO, Scenario, two_versions

START = datetime(2026, 5, 4, tzinfo=UTC)
SCENARIO = Scenario("helpdesk", "support", events=600, days=14, seed=7, versions=two_versions("support", switch=0.5))


def simulate(**options):
    out = StringIO()
    call_command("simulate", stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def without_stream(settings):
    """No Redis or Valkey: what is accepted goes straight into the database."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"


def test_the_same_command_again_adds_nothing(db, without_stream):
    first = simulate(deployment="helpdesk", events=60)
    counts = Event.objects.count(), Signal.objects.count()
    second = simulate(deployment="helpdesk", events=60)

    assert counts[0] == 60
    assert f"stored {sum(counts)}, duplicate 0, rejected 0" in first
    assert f"stored 0, duplicate {sum(counts)}, rejected 0" in second
    assert (Event.objects.count(), Signal.objects.count()) == counts
    assert not Signal.objects.waiting().exists()


def test_an_interrupted_run_is_completed_by_the_next(db, without_stream):
    class Interrupted(Exception):
        pass

    def interrupt(_count):
        raise Interrupted

    with pytest.raises(Interrupted):
        sending.send(SCENARIO, rate=None, advance=interrupt)
    stored_at_first = Event.objects.count()
    sending.send(SCENARIO, rate=None, advance=lambda count: None)

    assert stored_at_first == sending.CHUNK
    assert Event.objects.count() == 600
    assert {str(event_id) for event_id in Event.objects.values_list("id", flat=True)} == {
        exchange.event["id"] for exchange in traffic.simulate(SCENARIO, start=START)
    }


def test_live_traffic_happens_now(db, without_stream):
    before = datetime.now(UTC)

    simulate(deployment="helpdesk", events=5, rate=50)

    assert Event.objects.filter(occurred_at__gte=before).count() == 5
    assert (datetime.now(UTC) - before).total_seconds() >= 4 / 50


def test_traffic_is_written_by_a_writer(write_all):
    report = sending.send(SCENARIO, rate=None, advance=lambda count: None)
    assert Event.objects.count() == 0

    write_all()
    totals = delivery.wait_until_written(report, advance=lambda count: None, patience_seconds=20)

    assert totals.stored == report.accepted == Event.objects.count() + Signal.objects.count()


def test_without_a_writer_the_command_reports_it(write_all, monkeypatch):
    monkeypatch.setattr(delivery, "PATIENCE_SECONDS", 0)

    with pytest.raises(
        CommandError, match="items are waiting in the stream and no writer is running. Start one with manage.py"
    ):
        simulate(deployment="helpdesk", events=3)


def test_the_demo_embeds_its_sample(db, without_stream, monkeypatch):
    monkeypatch.setattr(scenarios, "DEMO", tuple(replace(scenario, events=40) for scenario in DEMO))

    said = simulate(demo=True)

    assert Event.objects.count() == 80
    assert SampledEvent.objects.to_embed().count() == 0
    assert f"Embedded a sample of {SampledEvent.objects.count()} events" in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--events", "0"], "0 is not a whole number of at least 1"),
        (["--days", "99999"], "99999 is not a whole number from 1 to 3,650"),
        (["--rate", "0"], "0.0 is not a number above 0"),
        (["--drift-share", "2"], "2.0 is not a number from 0 to 1"),
        (["--deployment", "a b"], "A deployment has 1 to 255 characters"),
    ],
)
def test_an_impossible_option_is_rejected(arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("simulate", *arguments)
