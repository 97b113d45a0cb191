"""docs/coming-from-crucible.md: every snippet runs, and says what comes out."""

import ast
import json
import re
import shlex
from pathlib import Path

import pytest
from django.conf import global_settings, settings
from django.core.management import call_command, get_commands

from curation.models import CuratedSet
from exports import crucible
from exports.models import ExportBatch
from tests.curation.voting import edited, voted
from tests.drift.factories import store_window
from tests.factories import NOON, StaffFactory

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "coming-from-crucible.md").read_text()
RESULT = re.compile(r"  # (.+)$")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def calls():
    """Each line of the shell, joined where it goes on, as words."""
    joined = [re.sub(r"\n(?!crucible |manage\.py )", " ", block) for block in blocks("bash")]
    return [line for block in joined for line in block.strip().splitlines()]


@pytest.fixture
def _traffic(db):
    """What a deployment has had before: votes and an edit, of a set that can be approved."""
    StaffFactory(username="ann")
    store_window("deploy-1", start_at=NOON, prompt_lengths=[], quality=[])
    for number in range(3):
        voted(up=3, number=number, deployment_id="deploy-1", quality_score=None)
    event = voted(number=5, response="It opens at nine on Mondays.", deployment_id="deploy-1", quality_score=None)
    for _ in range(3):
        edited(event, "It opens at nine on Mondays and Fridays.")


@pytest.mark.usefixtures("_traffic")
def test_every_snippet_of_python_runs_and_gives_what_it_says(write_all, folder):
    names, compared = {}, 0

    for block in blocks("python"):
        for statement in ast.parse(block).body:
            source = ast.get_source_segment(block, statement)
            said = RESULT.search(block.splitlines()[statement.end_lineno - 1])
            if said:
                assert repr(eval(source, names)) == said[1]
                compared += 1
            else:
                exec(source, names)
        write_all()

    assert compared == 8
    assert names["path"] == f"{folder}/exports/feedback.jsonl"
    assert [json.loads(line)["chosen"] for line in Path(names["pairs"]).read_text().splitlines()] == [
        "It opens at nine on Mondays and Fridays.",
        "It is 4.",
    ]
    assert names["fired"] == ["scheduled"]
    assert Path(names["data"]).read_bytes() == Path(names["path"]).read_bytes()


@pytest.mark.usefixtures("_traffic")
def test_every_call_of_the_api_and_every_command_runs(
    api, write_all, running_tasks, folder, capsys, tmp_path, monkeypatch
):
    """In the order of the page; a number is that of the newest set and export."""
    monkeypatch.chdir(tmp_path)
    statuses = []
    for line in calls():
        for name, rows in (("$SET", CuratedSet.objects), ("$EXPORT", ExportBatch.objects)):
            if name in line:
                line = line.replace(name, str(rows.order_by("-pk").values_list("pk", flat=True)[0]))
        program, *words = shlex.split(line)
        with running_tasks():
            if program == "manage.py":
                call_command(*words)
            else:
                method, path, *body = words
                if path == "pipelines":
                    (tmp_path / "nightly.json").write_text(body[0])
                sent = {"data": body[0], "content_type": "application/json"} if body else {}
                answer = api.generic(method, f"/api/v1/{path}", **sent)
                statuses.append(answer.status_code)
                assert answer.status_code < 300, (line, answer.content)
        write_all()

    assert len(statuses) == 16
    batches = {batch.options.get("output_path"): batch for batch in ExportBatch.objects.all()}
    assert {batch.status for batch in batches.values()} == {"published"}
    assert set(batches) == {"exports/api", "exports/command", "exports/pipeline", None}
    files = [(folder / "exports" / name).read_bytes() for name in ("api.jsonl", "command.jsonl", "pipeline.jsonl")]
    assert len(set(files)) == 1
    assert "0.85" in capsys.readouterr().out


def test_the_page_has_every_function_with_a_call_and_a_command():
    table = re.search(r"^\| CrucibleFeedback \| Python \|.*\n\|---.*\n((?:\|.*\n)+)", PAGE, re.MULTILINE)[1]
    rows = [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in table.splitlines()]
    text = "\n".join(calls())

    functions = {name for name in crucible.__all__ if name[0].islower()}
    assert {row[1] for row in rows} == functions
    assert {row[3] for row in rows} <= set(get_commands())
    for _, function, call, command in rows:
        method, path = call.replace("deployments/{id}", "deployments/deploy-1").split()
        assert f"crucible {method} {path}" in text
        assert f"manage.py {command} " in text
        assert getattr(crucible, function).__doc__


def test_the_settings_of_the_page_exist():
    named = set(re.findall(r"`([A-Z]+_[A-Z_]+)`", PAGE))

    assert {name for name in named if not hasattr(settings, name) or hasattr(global_settings, name)} == set()
