"""Prompts from a file: added once, and never changed by it."""

import json

import pytest
from django.core.management import CommandError, call_command

from feedback.models import Prompt, PromptVersion
from tests.factories import DeploymentFactory

TOML = '''
[[prompts]]
name = "tips"
description = "Tips of the day"
rotation = "v1=70,v2-mentor=30"

[[prompts.versions]]
version = "v1"
text = """
Give {{name}} one tip."""

[[prompts.versions]]
version = "v2-mentor"
messages = [{ role = "system", content = "You are the mentor of {{name}}." }]
notes = "warmer"
'''


@pytest.fixture
def run(operator, tmp_path, capsys):
    DeploymentFactory(id="helpdesk")

    def run(text, name="prompts.toml"):
        path = tmp_path / name
        path.write_text(text)
        call_command("import_prompts", str(path), deployment="helpdesk")
        return capsys.readouterr().out.strip()

    return run


def test_a_file_adds_what_is_missing_once(run):
    assert run(TOML) == "tips: created with 2 versions"
    assert run(TOML) == "tips: 0 new versions"

    prompt = Prompt.objects.get()
    assert prompt.rotation == [{"version": "v1", "weight": 70.0}, {"version": "v2-mentor", "weight": 30.0}]
    assert (prompt.default_version, prompt.description) == ("v1", "Tips of the day")
    more = TOML + '\n[[prompts.versions]]\nversion = "v3"\ntext = "Short."\n'
    assert run(more.replace("v1=70,v2-mentor=30", "v1,v3")) == "tips: 1 new versions, another choice"
    assert PromptVersion.objects.count() == 3


def test_json_is_read_too(run):
    prompts = [{"name": "tips", "deployment": "helpdesk", "versions": [{"version": "v1", "text": "a"}]}]

    assert run(json.dumps(prompts), "a.json") == "tips: created with 1 versions"
    assert run(json.dumps({"prompts": prompts}), "b.json") == "tips: 0 new versions"


def test_another_text_under_a_label_changes_nothing_at_all(run):
    run(TOML)
    other = TOML.replace("one tip", "two tips").replace("[[prompts]]", '[[prompts]]\nname = "new"\n\n[[prompts]]')

    with pytest.raises(CommandError, match="v1 is a version of prompt tips already"):
        run(other)

    assert Prompt.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a =", "neither TOML"),
        ("[prompts]", "no prompts"),
        ("[[prompts]]\nnam = 1", "nam is not one of"),
        ("[[prompts]]\nname = 1", "prompts.0.name: not a text"),
        ('[[prompts]]\ndescription = "a"', "prompts.0: no name"),
        ('[[prompts]]\nname = "a"\nrotation = "v1=2"', "prompts.0.rotation: The weights add up to 2"),
        ('[[prompts]]\nname = "a"\nversions = [1]', "prompts.0.versions.0: not an object"),
        ('[[prompts]]\nname = "a"\n[[prompts.versions]]\nversion = "v1"', "prompts.0.versions.0.text: A version has"),
        ('[[prompts]]\nname = "a"\ndefault = "v1"', "has no version v1"),
        ('[[prompts]]\nname = "a"\ndeployment = "nowhere"', "Not every deployment exists: nowhere"),
    ],
)
def test_a_file_that_is_wrong_says_where(run, text, message):
    with pytest.raises(CommandError, match=message):
        run(text)

    assert Prompt.objects.count() == 0


def test_a_file_that_is_not_there_is_named(operator):
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_prompts", "nowhere.toml")
