import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from curation.choices import CuratedSetStatus, Strategy
from exports.choices import ExportFormat, ExportStatus
from exports.models import ExportBatch
from tests.curation.factories import CuratedSetFactory
from tests.exports.factories import ExportBatchFactory, approved_set
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:exports_exportbatch_changelist")


def page_of(batch):
    return reverse("admin:exports_exportbatch_change", args=[batch.pk])


def action(record, name):
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_{name}", args=[record.pk])


def staff_with(*permissions):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def text_of(client, address):
    return client.get(address).content.decode()


def test_the_list_shows_state_rows_size_and_hash(console, export, django_assert_max_num_queries):
    batch = export(approved_set([{}, {}], name="weekly", version=2))

    with django_assert_max_num_queries(12):
        page = text_of(console, LIST)

    for text in ("weekly v2.0.0", "helpdesk", "Published", batch.sha256[:12]):
        assert text in page


def test_an_empty_list_shows_how_to_fill_it(console):
    assert "python manage.py export DEPLOYMENT --format jsonl" in text_of(console, LIST)


def test_the_page_shows_the_file_and_excluded_examples(console, export, django_assert_max_num_queries):
    batch = export(approved_set([{}, {"strategy": Strategy.HARD_EXAMPLE}]))
    kept, hard = batch.curated_set.examples.values_list("event_id", flat=True)

    with django_assert_max_num_queries(12):
        page = text_of(console, page_of(batch))

    for text in (batch.files[0]["path"], batch.sha256, batch.curated_set.content_hash, "1 hard examples", str(hard)):
        assert text in page
    assert str(kept) not in page


@pytest.mark.parametrize("status", ["requested", "failed", "approved", "running"])
def test_only_a_requested_or_failed_export_can_be_approved(console, status):
    batch = ExportBatchFactory(status=status, error="The disk was full.")

    page = text_of(console, page_of(batch))

    assert (action(batch, "approve") in page) == (status in ("requested", "failed"))
    assert action(batch, "download") not in page
    assert "The disk was full." in page


def test_an_export_is_requested_approved_and_downloaded_in_the_console(console, operator, running_tasks, folder):
    curated_set = approved_set([{}], name="weekly", version=1)
    form = {"_form_submitted": True, "format": "jsonl", "profile": "default"}

    requested = console.post(action(curated_set, "export"), form)
    batch = ExportBatch.objects.get()
    assert requested.headers["HX-Redirect"] == page_of(batch)
    assert "jsonl of weekly v1.0.0 of helpdesk is requested." in text_of(console, page_of(batch))
    console.get(action(batch, "approve"))
    assert ExportBatch.objects.get().status == ExportStatus.REQUESTED
    with running_tasks():
        console.post(action(batch, "approve"), {"_form_submitted": True})

    page = text_of(console, page_of(batch))
    assert "is approved and being written." in page
    assert action(batch, "download") in page
    download = console.get(action(batch, "download"))
    batch.refresh_from_db()
    assert b"".join(download.streaming_content) == (folder / batch.files[0]["path"]).read_bytes()
    assert (batch.requested_by, batch.approved_by, batch.status) == (operator, operator, "published")


def test_requesting_again_leads_to_the_first_export(console):
    curated_set = approved_set([{}])
    form = {"_form_submitted": True, "format": ExportFormat.PREFERENCE_PAIRS, "profile": "crucible"}

    first, second = (console.post(action(curated_set, "export"), form) for _ in range(2))

    assert first.headers["HX-Redirect"] == second.headers["HX-Redirect"]
    assert ExportBatch.objects.get().options == {"profile": "crucible"}
    assert "was already requested. This is the existing export." in text_of(console, second.headers["HX-Redirect"])


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        (CuratedSetStatus.DRAFT, False),
        (CuratedSetStatus.REJECTED, False),
        (CuratedSetStatus.APPROVED, True),
        (CuratedSetStatus.SUPERSEDED, True),
    ],
)
def test_an_approved_set_offers_its_export(console, status, offered):
    curated_set = CuratedSetFactory(status=status)
    address = reverse("admin:curation_curatedset_change", args=[curated_set.pk])

    assert (action(curated_set, "export") in text_of(console, address)) == offered


def test_a_set_that_is_not_approved_is_rejected_with_a_message(console):
    curated_set = CuratedSetFactory(name="weekly", version=1)

    answer = console.post(
        action(curated_set, "export"), {"_form_submitted": True, "format": "jsonl", "profile": "default"}
    )

    assert "weekly v1.0.0 of helpdesk is draft; only an approved set" in text_of(console, answer.headers["HX-Redirect"])
    assert not ExportBatch.objects.exists()


def test_rights_are_checked_on_every_step(export):
    batch = export(approved_set([{}]))
    requested = ExportBatchFactory()
    viewer, stranger = staff_with("view_exportbatch", "view_curatedset"), staff_with()
    form = {"_form_submitted": True, "format": "jsonl", "profile": "default"}

    assert viewer.get(action(batch, "download")).status_code == 200
    assert stranger.get(action(batch, "download")).status_code == 403
    assert stranger.get(page_of(batch)).status_code == 403
    assert viewer.post(action(requested, "approve"), form).status_code == 403
    assert viewer.post(action(batch.curated_set, "export"), form).status_code == 403
    assert action(requested, "approve") not in text_of(viewer, page_of(requested))
    assert ExportBatch.objects.get(pk=requested.pk).status == ExportStatus.REQUESTED


def test_a_stale_page_gets_a_message(console, export):
    batch = export(approved_set([{}], name="weekly", version=1))
    requested = ExportBatchFactory(curated_set=approved_set([{}], name="other"))

    console.post(action(batch, "approve"), {"_form_submitted": True})
    too_early = console.get(action(requested, "download"))

    assert too_early.headers["Location"] == page_of(requested)
    page = text_of(console, page_of(requested))
    assert "jsonl of weekly v1.0.0 of helpdesk is already published." in page
    assert "the file can be downloaded once it is published." in page
