"""From events to files in Python: the thirteen events on which CrucibleFeedback was observed, and what differs here."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from curation.models import CuratedSet
from curation.review import approval
from exports.batches.errors import ExportNotAllowed
from exports.batches.options import InvalidOption
from exports.batches.writing import NothingToExport
from exports.crucible import curate, export, export_preference_pairs, get_curated_count
from exports.models import ExportBatch
from feedback.access.acting import NoActingUser
from feedback.models import Deployment
from tests.curation.factories import CuratedSetFactory
from tests.curation.voting import edited, react, voted
from tests.factories import NOON, DeploymentFactory, EventFactory

OBSERVED = {
    "a": (0.9, ["thumbs_up"]),
    "b": (0.95, ["copy", "share"]),
    "c": (0.85, []),
    "d": (0.8, ["thumbs_up", "thumbs_down"]),
    "e": (0.99, []),
    "f": (0.79, ["thumbs_up"]),
    "g": (0.9, ["thumbs_up", "report", "regenerate"]),
    "h": (None, ["thumbs_up"]),
    "i": (0.5, []),
    "j": (0.51, []),
    "k": (0.9, ["regenerate"]),
    "l": (0.2, ["thumbs_down", "report"]),
    "m": (None, []),
}


@pytest.fixture(autouse=True)
def _helpdesk(db):
    DeploymentFactory(id="helpdesk")


@pytest.fixture
def observed():
    """The events by their letter, each signal of a user of its own."""
    events = {}
    for minutes, (letter, (quality, signals)) in enumerate(OBSERVED.items()):
        texts = {"prompt": f"What is the meaning of {letter * 9}?", "response": f"It stands for entry {letter * 12}."}
        events[letter] = EventFactory(quality_score=quality, occurred_at=NOON - timedelta(minutes=minutes), **texts)
        for kind in signals:
            react(events[letter], kind)
    return events


def sources(rows, events):
    letters = {str(event.pk): letter for letter, event in events.items()}
    return [(letters[row["inference_event_id"]], row["curation_source"]) for row in rows]


def test_of_the_observed_events_only_those_with_evidence_become_examples(observed):
    # The library takes thirteen: nine with a thumb up, a copy or low quality, and the longest prompts of the others.
    assert sources(curate("helpdesk"), observed) == []

    for _ in range(2):
        react(observed["a"], "thumbs_up")
        react(observed["g"], "thumbs_up")
    edited(observed["c"], "It stands for entry cc, which is the third.")

    found = sources(curate("helpdesk"), observed)
    # Not g: what three users praise and one reports and one regenerates is less certain than a.
    assert ("a", "high_quality") in found
    assert not {letter for letter, _ in found} & {"l", "k", "i", "m"}


def test_a_limit_is_never_exceeded():
    for number in range(6):
        voted(up=3, number=number)

    assert [len(curate("helpdesk", limit=limit)) for limit in (1, 2, 3)] == [1, 2, 3]


def test_persisted_rows_are_those_of_the_preview_and_of_the_command(capsys, api):
    for number in range(4):
        voted(up=3, number=number)

    shown = curate("helpdesk")
    assert not CuratedSet.objects.exists()
    stored = curate("helpdesk", persist=True)
    call_command("curate", "helpdesk", "--dry-run")

    curated_set = CuratedSet.objects.get()
    assert stored == [row | {"curated_set": curated_set.pk} for row in shown]
    assert set(stored[0]) == {
        "inference_event_id",
        "deployment_id",
        "curation_source",
        "curation_score",
        "prompt",
        "response",
        "reason",
        "curated_set",
    }
    assert {row["curation_source"] for row in stored} == {"high_quality"}
    assert capsys.readouterr().out.splitlines()[:2] == [
        "dry run, nothing is stored: 4 events read",
        "  high_quality        4",
    ]
    assert CuratedSet.objects.count() == 1
    listed = api.get(f"/api/v1/curated-sets/{curated_set.pk}/examples").json()["results"]
    assert [row["event_id"] for row in listed] == [row["inference_event_id"] for row in stored]


def test_the_response_of_an_edit_is_what_the_user_wrote():
    edited(voted(), "A far better answer.")

    row = next(row for row in curate("helpdesk") if row["curation_source"] == "user_edit")

    assert row["response"] == "A far better answer."
    assert row["curation_score"] == 10


@pytest.mark.parametrize("wanted", [{"limit": 0}, {"strategies": ["best"]}])
def test_an_invalid_request_is_an_error(wanted):
    with pytest.raises(ValueError, match="limit must be at least 1|'best' is not a valid Strategy"):
        curate("helpdesk", persist=True, **wanted)

    assert not CuratedSet.objects.exists()


@pytest.mark.parametrize("persist", [True, False])
def test_curating_an_unknown_deployment_is_an_error(persist):
    with pytest.raises(Deployment.DoesNotExist):
        curate("shop", persist=persist)


def test_curating_twice_counts_an_event_once(api, operator, folder, capsys):
    for number in range(3):
        voted(up=3, number=number)

    assert get_curated_count("helpdesk") == 0
    curate("helpdesk", persist=True)
    curate("helpdesk", persist=True)
    assert (get_curated_count("helpdesk"), get_curated_count("helpdesk", exported=True)) == (3, 0)
    approval.approve(CuratedSet.objects.newest_first().first().pk, by=operator)
    export("helpdesk")
    voted(up=3, number=9)
    curate("helpdesk", persist=True)

    counts = [get_curated_count("helpdesk", exported=exported) for exported in (None, True, False)]
    call_command("curated_count", "helpdesk")
    call_command("curated_count", "helpdesk", "--not-exported")
    assert counts == [4, 3, 1]
    assert capsys.readouterr().out.split() == ["4", "1"]
    assert api.get("/api/v1/deployments/helpdesk/curated-count").json() == {"events": 4, "exported": 3}
    assert get_curated_count("shop") == 0


def test_a_rejected_set_does_not_count(operator):
    CuratedSetFactory(examples=2)
    rejected = CuratedSetFactory(examples=3, name="other")
    approval.reject(rejected.pk, by=operator, note="Wrong answers.")

    assert get_curated_count("helpdesk") == 2


@pytest.fixture
def curated(operator):
    """An approved set of three answers and one edit."""
    for number in range(3):
        voted(up=3, number=number)
    event = voted(number=5, response="It opens at nine on Mondays.")
    for _ in range(3):
        edited(event, "It opens at nine on Mondays and Fridays.")
    rows = curate("helpdesk", persist=True)
    approval.approve(rows[0]["curated_set"], by=operator)
    return rows


def test_the_crucible_profile_writes_the_records_of_the_library(folder, curated):
    path = export("helpdesk", profile="crucible", output_path="exports/feedback.jsonl")

    assert path == f"{folder}/exports/feedback.jsonl"
    written = [json.loads(line) for line in Path(path).read_text().splitlines()]
    assert written == [
        {
            "prompt": row["prompt"],
            "response": row["response"],
            "source": row["curation_source"],
            "score": row["curation_score"],
        }
        for row in curated
    ]


def test_pairs_have_the_strings_of_the_library(folder, curated):
    path = export_preference_pairs("helpdesk", profile="crucible")

    pairs = [json.loads(line) for line in Path(path).read_text().splitlines()]
    assert [(pair["chosen"], pair["rejected"]) for pair in pairs] == [
        ("It opens at nine on Mondays and Fridays.", "It opens at nine on Mondays.")
    ]


def test_function_call_and_command_write_the_same_file(api, operator, running_tasks, folder, curated, capsys):
    set_id = curated[0]["curated_set"]
    paths = [export("helpdesk", output_path="one.jsonl", include_exported=True)]
    call_command("export", "helpdesk", "--output-path", "two.jsonl")
    paths.append(capsys.readouterr().out.splitlines()[-1])
    body = {"curated_set": set_id, "format": "jsonl", "options": {"output_path": "three.jsonl"}}
    batch_id = api.post("/api/v1/exports", body, format="json").json()["id"]
    with running_tasks():
        api.post(f"/api/v1/exports/{batch_id}/approve")
    paths.append(f"{folder}/three.jsonl")

    assert [Path(path).name for path in paths] == ["one.jsonl", "two.jsonl", "three.jsonl"]
    assert len({Path(path).read_bytes() for path in paths}) == 1


def test_rows_are_exported_once_unless_all_are_asked_for(folder, curated):
    export("helpdesk")

    with pytest.raises((ExportNotAllowed, NothingToExport), match="exported before"):
        export("helpdesk", output_path="again")
    assert len(Path(export("helpdesk", include_exported=True)).read_text().splitlines()) == len(curated)


def test_a_draft_is_not_exported(operator, folder, kept):
    voted(up=3)
    set_id = curate("helpdesk", persist=True)[0]["curated_set"]

    with pytest.raises(ExportNotAllowed, match="There is no approved set of the deployment helpdesk"):
        export("helpdesk")
    with pytest.raises(ExportNotAllowed, match="only an approved set can be exported"):
        export("helpdesk", set_id=set_id)
    assert (ExportBatch.objects.count(), kept()) == (0, {})


@pytest.mark.parametrize("path", ["/tmp/feedback.jsonl", "../feedback.jsonl", "feedback.parquet"])
def test_a_path_outside_the_folder_of_exports_is_rejected(curated, kept, path):
    with pytest.raises(InvalidOption):
        export("helpdesk", output_path=path)
    with pytest.raises(CommandError):
        call_command("export", "helpdesk", output_path=path)

    assert kept() == {}


def test_two_pairs_of_eyes_need_a_second_user(settings, curated, kept):
    settings.FOUR_EYES = True

    with pytest.raises(ExportNotAllowed, match="only if another user requested it"):
        export("helpdesk")

    assert kept() == {}


def test_an_unknown_user_or_format_is_an_error(curated):
    with pytest.raises(NoActingUser):
        export("helpdesk", by="unknown")
    with pytest.raises(ValueError, match="xml"):
        export("helpdesk", format="xml")
