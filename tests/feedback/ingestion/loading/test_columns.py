"""What becomes of the columns of a file is printed before a row is sent, and if an option is wrong."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from feedback.ingestion import loading
from feedback.models import Event
from tests.factories import DeploymentFactory
from tests.feedback.ingestion.loading.files import ASKED, TALK, load, write

ROW = {"question": "Q?", "response": "An answer.", "createdAt": "2025-06-02", "latency_s": 2, "colour": "red", "old": 1}


def columns_of(said):
    """The lines that describe columns, by column."""
    lines = [line.strip() for line in said.splitlines() if " → " in line]
    return {name.strip(): rest for name, _, rest in (line.partition(" → ") for line in lines)}


@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl", ".parquet"])
def test_every_column_is_named_with_what_becomes_of_it(write_all, tmp_path, suffix):
    said = load(write(tmp_path, suffix, [ROW]), "question=prompt", "latency_s=latency_ms*1000", "old=")

    assert said.startswith(f"rows{suffix}: 6 columns\n")
    assert columns_of(said) == {
        "question": "prompt (--map)",
        "response": "response",
        "createdAt": "metadata.createdAt; did you mean --map createdAt=occurred_at?",
        "latency_s": "latency_ms*1000 (--map)",
        "colour": "metadata.colour",
        "old": "left out (--map)",
    }
    assert "No column becomes occurred_at: events get the time at which they are loaded." in said


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("Prompt", "prompt"),
        ("user query", ""),
        ("Question", "prompt"),
        ("model-output", "response"),
        ("promptTokens", "prompt_tokens"),
        ("respones", "response"),
        ("latency_seconds", "latency_ms*1000"),
        ("created_at", "occurred_at"),
        ("conversation_id", "session_id"),
    ],
)
def test_a_column_with_another_name_for_a_field_gets_a_suggestion(tmp_path, column, field):
    prepared = loading.prepare(write(tmp_path, ".csv", [{column: "x"}]), "files")

    (found,) = prepared.columns
    assert (found.target, found.suggestion) == (f"metadata.{column}", field)


def test_a_field_that_has_a_column_is_suggested_to_no_other(tmp_path):
    prepared = loading.prepare(write(tmp_path, ".csv", [ASKED | {"question": "Why?"}]), "files")

    assert [column.suggestion for column in prepared.columns] == ["", "", ""]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_a_dry_run_checks_every_row_and_sends_none(write_all, tmp_path, suffix):
    path = write(tmp_path, suffix, [ROW | {"latency_s": 2.0}, ROW | {"latency_s": -1.0}])
    maps = ("question=prompt", "latency_s=latency_ms*1000")

    said = load(path, *maps, dry_run=True)
    write_all()

    assert columns_of(said)["question"] == "prompt (--map)"
    assert "dry run, nothing is sent: valid 1, invalid 1" in said
    assert "latency_ms: expected `float` >= 0.0" in said
    assert Event.objects.count() == 0
    assert "accepted 1, rejected 1" in load(path, *maps)


def test_a_dry_run_reports_what_the_deployment_rejects(write_all, tmp_path):
    DeploymentFactory(id="files", enabled=False)

    said = load(write(tmp_path, ".csv", [ASKED, ASKED | {"tools": "[1]"}]), dry_run=True)

    assert "valid 0, invalid 2" in said
    assert "row 1 (line 2): Deployment files is disabled" in said


def test_a_dry_run_reads_tools(write_all, tmp_path):
    said = load(write(tmp_path, ".jsonl", [ASKED | {"tools": []}, ASKED | {"tools": "[1]"}]), dry_run=True)

    assert "valid 1, invalid 1" in said
    assert "row 2: tools[0]" in said


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ({"map": ["question=promt"]}, "promt is no field of an event, and not metadata.KEY; did you mean prompt?"),
        ({"map": ["questoin=prompt"]}, "the file has no column questoin; did you mean question?"),
        ({"set": ["modle=m1"]}, "modle is no field of an event"),
        ({"set": ["model"]}, "expected FIELD=VALUE"),
    ],
)
def test_a_wrong_option_is_reported_beside_the_columns(write_all, tmp_path, option, reason):
    out = StringIO()

    with pytest.raises(CommandError, match=reason.replace(".", r"\.").replace("?", r"\?")):
        call_command("load_events", write(tmp_path, ".csv", [ROW]), deployment="files", stdout=out, **option)

    assert "metadata.colour" in columns_of(out.getvalue())["colour"]
    assert Event.objects.count() == 0


def test_a_file_without_prompts_is_reported(write_all, tmp_path):
    said = load(write(tmp_path, ".csv", [{"response": "x", "colour": "red"}]))

    assert "No column becomes prompt or messages, which every row needs; name one with --map COLUMN=FIELD." in said
    assert "accepted 0, rejected 1" in said


def test_a_field_is_set_in_rows_that_have_none_of_their_own(write_all, tmp_path):
    path = write(tmp_path, ".csv", [ASKED | {"model": "m1"}, ASKED | {"model": None}])

    load(path, set=["model=m2", "prompt_version=7"])
    write_all()

    assert sorted(Event.objects.values_list("model_version_id", "prompt_version")) == [("m1", "7"), ("m2", "7")]


def test_an_id_that_is_no_uuid_is_an_external_id(api, write_all, tmp_path):
    known = "0b6f5a52-6f0c-4f0e-9a53-6a1a3d4c9f10"

    load(write(tmp_path, ".csv", [ASKED | {"id": known}, ASKED | {"id": "17.0"}, ASKED | {"id": "row-18"}]))
    write_all()

    assert sorted(Event.objects.values_list("external_id", flat=True)) == ["", "17", "row-18"]
    assert Event.objects.filter(pk=known).count() == 1


def test_only_the_first_reasons_are_printed_and_the_others_counted(write_all, tmp_path):
    said = load(write(tmp_path, ".jsonl", [{"response": "x"}] * 30))

    assert [said.count("prompt or messages is required"), "… and 10 more" in said] == [20, True]


def test_what_is_empty_in_a_cell_is_missing_but_an_answer(write_all, tmp_path):
    rows = [ASKED | {"response": None, "model": None, "note": None}, {"messages": TALK, "response": None}]

    load(write(tmp_path, ".csv", rows))
    write_all()

    answers = sorted(Event.objects.values_list("response", "model_version_id"))
    assert answers == [("", ""), (TALK[1]["content"], "")]
    assert [event.metadata for event in Event.objects.all()] == [{}, {}]
