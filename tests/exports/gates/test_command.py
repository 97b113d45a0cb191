"""`manage.py gate`: endpoints, files of answers, and what it says when it cannot."""

import json

import pytest
from django.core.management import CommandError, call_command

from exports.models import GateRun

pytestmark = pytest.mark.django_db


def run(capsys, *arguments):
    call_command("gate", *arguments)
    return capsys.readouterr().out.splitlines()


@pytest.mark.usefixtures("allowed", "models")
def test_endpoints_are_asked_and_the_verdict_printed(capsys, golden_set):
    head, sentence = run(capsys, str(golden_set.pk), "--candidate", "new", "--current", "old")

    assert head == f"Gate {GateRun.objects.get().pk} of {golden_set.name}: better"
    assert sentence.startswith("The candidate is better: it scores 1.000 and the current model 0.000 on 60 references")


def test_a_file_of_answers_is_compared(capsys, operator, golden_set, tmp_path):
    lines = [
        {"row_id": row.pk, "side": side, "response": "Rome" if side == "candidate" else row.reference}
        for row in golden_set.rows.all()
        for side in ("candidate", "current")
    ]
    path = tmp_path / "answers.jsonl"
    path.write_text("\n".join(map(json.dumps, [*lines, {"row_id": 0}])))

    printed = run(capsys, str(golden_set.pk), "--answers", str(path), "--candidate-version", "v2")

    assert printed[:2] == ["120 answers stored, 1 rejected", "  item 120: Object missing required field `side`"]
    assert printed[2].endswith(": worse")
    assert GateRun.objects.get().candidate_version == "v2"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["0"], "There is no golden set 0."),
        (["SET", "--candidate", "newest"], "LLM_ENDPOINTS has no endpoint newest."),
        (["SET", "--candidate", "new"], "No user has accepted that masked texts of helpdesk are sent"),
        (["SET", "--training-run", "0"], "There is no training run 0."),
        (["SET", "--user", "ada"], "There is no active user ada."),
        (["SET", "--answers", "/nowhere"], "No such file"),
    ],
)
def test_what_does_not_work_is_said(operator, golden_set, models, arguments, message):
    with pytest.raises(CommandError, match=message):
        call_command("gate", *[str(golden_set.pk) if word == "SET" else word for word in arguments])
