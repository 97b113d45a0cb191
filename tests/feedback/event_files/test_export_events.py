"""manage.py export_events."""

import io

import pytest
from django.core.management import CommandError, call_command

from feedback import exact_json
from feedback.stores import event_store, pages
from feedback.stores.base import StoreUnavailable
from tests.factories import NOON, DeploymentFactory, EventFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def events():
    DeploymentFactory(id="helpdesk")
    return [
        EventFactory(model_version_id="v2", prompt="Where is my parcel?"),
        EventFactory(deployment_id="shop", occurred_at=NOON.replace(hour=10)),
        EventFactory(occurred_at=NOON.replace(hour=9)),
    ]


def ids(lines):
    return [exact_json.decode(line)["id"] for line in lines.splitlines()]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ([], [0, 1, 2]),
        (["--deployment", "helpdesk"], [0, 2]),
        (["--from", "2026-05-04T10:00", "--to", "2026-05-04T12:00"], [1]),
        (["--from", "2026-05-05"], []),
        (["--model", "v2"], [0]),
        (["--prompt-version", "p1"], []),
        (["--signal", "thumbs_up"], []),
        (["--q", "parcel"], [0]),
        (["--min-quality", "0.95"], []),
    ],
)
def test_events_that_match_are_written_to_standard_output(capfdbinary, events, options, found):
    call_command("export_events", "--format", "jsonl", *options)

    assert ids(capfdbinary.readouterr().out) == [str(events[number].pk) for number in found]


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_a_file_is_what_the_api_sends(api, tmp_path, format):
    output = tmp_path / f"events.{format}"
    output.write_text("older")

    call_command("export_events", "--format", format, "--output", str(output))

    assert output.read_bytes() == api.get("/api/v1/events/export", {"format": format}).getvalue()
    assert list(tmp_path.iterdir()) == [output]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--deployment", "nowhere"], "Deployment nowhere does not exist."),
        (["--from", "yesterday"], "--from: Datetime has wrong format."),
        (["--min-quality", "2"], "--min-quality: Ensure this value is less than or equal to 1."),
        (["--output", "/nowhere/events.csv"], "/nowhere/events.csv cannot be written: No such file or directory."),
    ],
)
def test_a_wrong_option_is_named(options, problem):
    with pytest.raises(CommandError, match=problem):
        call_command("export_events", "--format", "csv", *options)


def test_a_failure_leaves_the_older_file(monkeypatch, tmp_path):
    output = tmp_path / "events.csv"
    output.write_text("older")

    def scan(*_):
        raise StoreUnavailable("No answer.")

    monkeypatch.setattr(event_store(), "scan", scan)
    with pytest.raises(CommandError, match="The event store is unavailable: No answer."):
        call_command("export_events", "--format", "csv", "--output", str(output))

    assert [path.read_text() for path in tmp_path.iterdir()] == ["older"]


def test_a_search_tells_how_far_it_reached(monkeypatch, capfdbinary, events):
    monkeypatch.setattr(pages, "SEARCHED_EVENTS", 2)
    told = io.StringIO()

    call_command("export_events", "--format", "jsonl", "--q", "password", stderr=told)

    assert ids(capfdbinary.readouterr().out) == [str(events[1].pk)]
    assert told.getvalue() == "--q searches the newest 2 events, those since 2026-05-04 10:00 UTC.\n"
