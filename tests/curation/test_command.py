import pytest
from django.core.management import CommandError, call_command

from curation.models import CuratedSet
from tests.curation.voting import voted
from tests.factories import DeploymentFactory, UserFactory


@pytest.fixture(autouse=True)
def _helpdesk(db, embedding):
    DeploymentFactory(id="helpdesk")


def test_curate_builds_a_draft_and_prints_its_counts(capsys):
    UserFactory(username="ada")
    for number in range(3):
        voted(up=number, number=number)

    call_command("curate", "helpdesk", "--name", "weekly", "--limit", "2", "--user", "ada")

    curated_set = CuratedSet.objects.get()
    assert (curated_set.status, curated_set.total, curated_set.created_by.username) == ("draft", 2, "ada")
    assert capsys.readouterr().out.splitlines() == [
        f"weekly v1.0.0 of helpdesk: draft, id {curated_set.pk}",
        "  high_quality        1",
        "  diverse             1",
        "  total               2 of 3 events read",
        "  queue               1",
        "  pairs               0",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nobody"], "There is no deployment nobody."),
        (["helpdesk", "--user", "nobody"], "There is no user nobody."),
        (["helpdesk", "--limit", "0"], "--limit must be at least 1."),
        (
            ["helpdesk"],
            "Nothing to curate: none of the 0 events read passes user_edit, high_quality, hard_example, diverse.",
        ),
    ],
)
def test_curate_reports_invalid_arguments(arguments, message):
    with pytest.raises(CommandError) as refusal:
        call_command("curate", *arguments)

    assert str(refusal.value) == message
