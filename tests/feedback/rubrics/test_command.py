"""The command that imports a rubric."""

import pytest
from django.core.management import CommandError, call_command

from feedback.rubrics import versions

pytestmark = pytest.mark.django_db
BRIEF = 'name = "brief"\n[[criteria]]\nname = "clarity"\n'


def test_a_file_is_a_rubric_or_its_next_version(operator, tmp_path, capsys):
    path = tmp_path / "brief.toml"
    for text in (BRIEF, 'title = "Short"\n' + BRIEF):
        path.write_text(text)
        call_command("import_rubric", str(path))

    assert capsys.readouterr().out == "brief-v1 is created.\nbrief-v2 is created.\n"
    assert versions.find("brief-v2").created_by == operator


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'name = "brief"', "criteria: A rubric has at least one criterion."),
        (b"\xff", "utf-8"),
        (None, "No such file"),
    ],
)
def test_a_file_that_does_not_fit_says_why(operator, tmp_path, content, message):
    path = tmp_path / "brief.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(CommandError, match=message):
        call_command("import_rubric", str(path))
