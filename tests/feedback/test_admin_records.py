import pytest
from django.urls import reverse

from tests.factories import DeploymentFactory, EventFactory, SignalFactory
from tests.feedback.factories import IngestBatchFactory, RejectedItemFactory

pytestmark = pytest.mark.django_db
SIGNALS = reverse("admin:feedback_signal_changelist")


def test_signals_name_their_state_and_their_event(console, django_assert_max_num_queries):
    event = EventFactory()
    SignalFactory(event_id=event.pk, type="thumbs_up")
    SignalFactory(event_id=event.pk, type="edit", edited_response="A better answer.", live=False)
    SignalFactory(event_id=None, external_id="chat-7", live=False, waiting=True)

    with django_assert_max_num_queries(12):
        page = console.get(SIGNALS).content.decode()

    for text in ("Thumbs up", "live", "Edit", "A better answer.", "history", "waiting", "chat-7"):
        assert text in page
    assert reverse("admin:feedback_event_change", args=[event.pk]) in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "live"}, {"live"}),
        ({"state": "history"}, {"history"}),
        ({"state": "waiting"}, {"waiting"}),
        ({"type__exact": "edit"}, {"history"}),
        ({"deployment_id": "search"}, {"waiting"}),
        ({"q": "chat-7"}, set()),
    ],
)
def test_signal_filters(console, query, found):
    DeploymentFactory(id="search")
    signals = {
        "live": SignalFactory(),
        "history": SignalFactory(type="edit", edited_response="Better.", live=False),
        "waiting": SignalFactory(deployment_id="search", live=False, waiting=True),
    }

    shown = {signal.pk for signal in console.get(SIGNALS, query).context["cl"].result_list}

    assert shown == {signals[name].pk for name in found}


def test_signals_are_found_by_their_own_id_and_by_that_of_their_event(console):
    signal, _ = SignalFactory(), SignalFactory()

    for wanted in (signal.pk, signal.event_id):
        assert [found.pk for found in console.get(SIGNALS, {"q": str(wanted)}).context["cl"].result_list] == [signal.pk]


def test_the_page_of_a_signal_shows_only_what_was_said(console):
    signal = SignalFactory(type="report", comment="Wrong <b>name</b>.")

    page = console.get(reverse("admin:feedback_signal_change", args=[signal.pk])).content.decode()

    assert "Wrong &lt;b&gt;name&lt;/b&gt;." in page
    assert "Edited response" not in page


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
        ("signal", "curl http://testserver/api/v1/signals"),
        ("deployment", "No deployments yet"),
        ("ingestbatch", "curl http://testserver/api/v1/events"),
        ("rejecteditem", "None is what you want to see."),
        ("apikey", "A client needs a key"),
    ],
)
def test_an_empty_page_says_what_fills_it(console, name, text):
    assert text in console.get(reverse(f"admin:feedback_{name}_changelist")).content.decode()
