import pytest
from django.core.management import CommandError, call_command

from curation.choices import Strategy
from exports.models import ExportBatch
from feedback.models import Deployment
from tests.curation.factories import CuratedSetFactory
from tests.exports.factories import approved_set
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_export_writes_the_newest_approved_set_and_prints_the_facts(operator, folder, capsys):
    approved_set([{}], name="old", version=1)
    newest = approved_set([{}, {"strategy": Strategy.HARD_EXAMPLE}], name="new", version=1)
    CuratedSetFactory(name="draft", examples=1)

    call_command("export", "helpdesk")

    batch = ExportBatch.objects.get()
    assert (batch.curated_set, batch.requested_by, batch.approved_by) == (newest, operator, operator)
    assert capsys.readouterr().out.splitlines() == [
        f"jsonl of new v1.0.0 of helpdesk: 1 rows, {batch.bytes:,} bytes, SHA-256 {batch.sha256}",
        "  excluded as hard_example: 1",
        str(folder / batch.files[0]["path"]),
    ]


def test_exporting_again_prints_the_same_file(operator, capsys):
    curated_set = approved_set([{}])

    call_command("export", "helpdesk", "--set", str(curated_set.pk))
    first = capsys.readouterr().out
    call_command("export", "helpdesk", "--set", str(curated_set.pk), "--user", operator.username)

    assert capsys.readouterr().out == first
    assert ExportBatch.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["empty"], "There is no approved set of the deployment empty."),
        (["helpdesk", "--set", "999999"], "There is no set 999999 of the deployment helpdesk."),
        (["helpdesk", "--user", "nobody"], "There is no active user nobody."),
        (["helpdesk", "--user", "ada"], "Approving or rejecting an export needs the permission “Can approve exports”."),
        (
            ["helpdesk", "--format", "preference_pairs"],
            "Nothing to export in this format: every example was excluded (1 without an edit).",
        ),
    ],
)
def test_export_reports_invalid_arguments(operator, kept, arguments, message):
    Deployment.objects.create(pk="empty")
    UserFactory(username="ada")
    approved_set([{}])

    with pytest.raises(CommandError) as refusal:
        call_command("export", *arguments)

    assert str(refusal.value) == message
    assert kept() == {}


def test_a_set_that_is_not_approved_is_rejected(operator):
    draft = CuratedSetFactory(name="weekly", version=1, examples=1)

    with pytest.raises(CommandError, match="only an approved set can be exported"):
        call_command("export", "helpdesk", "--set", str(draft.pk))

    assert not ExportBatch.objects.exists()
