import pytest
from django.urls import reverse

from tests.feedback.factories import IngestBatchFactory, RejectedItemFactory

pytestmark = pytest.mark.django_db


def test_the_ledger_shows_where_every_item_went(console, django_assert_max_num_queries):
    batch = IngestBatchFactory(accepted=107, stored=90, duplicate=11, sampled_out=5, rejected=1, invalid=3)

    with django_assert_max_num_queries(12):
        page = console.get(reverse("admin:feedback_ingestbatch_changelist")).content.decode()

    for text in (str(batch.batch_id)[-8:], ">107<", ">90<", ">11<", ">5<", ">1<", ">3<"):
        assert text in page


def test_a_rejected_item_shows_its_reason_and_payload(console):
    item = RejectedItemFactory(reason="A zero byte.", payload={"prompt": "<i>Hello</i>"})

    assert "A zero byte." in console.get(reverse("admin:feedback_rejecteditem_changelist")).content.decode()
    page = console.get(reverse("admin:feedback_rejecteditem_change", args=[item.pk])).content.decode()
    assert "&lt;i&gt;Hello&lt;/i&gt;" in page


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("deployment", "No deployments yet"),
        ("ingestbatch", "curl http://testserver/api/v1/events"),
        ("rejecteditem", "An empty list is good news."),
        ("apikey", "A client needs a key"),
    ],
)
def test_an_empty_page_says_what_fills_it(console, name, text):
    assert text in console.get(reverse(f"admin:feedback_{name}_changelist")).content.decode()
