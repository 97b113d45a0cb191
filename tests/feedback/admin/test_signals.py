import pytest
from django.urls import reverse

from tests.factories import DeploymentFactory, UserFactory
from tests.feedback.stores import rows

# What happens before or without a look into the store.
one_store = pytest.mark.parametrize("any_store", ["postgres"], indirect=True)
SIGNALS = reverse("admin:feedback_signal_changelist")


def page_of(number):
    return reverse("admin:feedback_signal_change", args=[rows.signal_id(number)])


@pytest.fixture
def said(any_store):
    """A live edit (2) that replaced another (1), a thumb (3) and, in another deployment, a report that waits (4)."""
    rows.write(
        any_store,
        rows.event(1),
        rows.signal(1, type="edit", edited_response="An older answer."),
        rows.signal(2, type="edit", edited_response="A better\n\nanswer."),
        rows.signal(3, metadata='{"button": "left"}'),
        rows.signal(4, type="report", event_id=None, external_id="chat-7", deployment_id="search", comment="<b>No</b>"),
    )


def test_signals_name_their_state_and_their_event(console, said, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        page = console.get(SIGNALS)

    text = page.content.decode()
    for shown in ("Thumbs up", "live", "Edit", "A better answer.", "history", "waiting", "chat-7", "&lt;b&gt;No"):
        assert shown in text
    assert reverse("admin:feedback_event_change", args=[rows.event_id(1)]) in text
    assert page.context["cl"].counted == "4 signals"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [4, 3, 2, 1]),
        ({"state": "live"}, [3, 2]),
        ({"state": "history"}, [1]),
        ({"state": "waiting"}, [4]),
        ({"state": "lost"}, [4, 3, 2, 1]),
        ({"type__exact": "edit"}, [2, 1]),
        ({"type__exact": "applause"}, []),
        ({"type__exact": "edit", "state": "live"}, [2]),
        ({"deployment_id": "search"}, [4]),
        ({"occurred_at__gte": "2026-05-04T12:02:00Z", "occurred_at__lt": "2026-05-04T12:04:00Z"}, [3, 2]),
        ({"q": rows.signal_id(1)}, [1]),
        ({"q": rows.event_id(1)}, [3, 2, 1]),
        ({"q": "chat-7"}, []),
    ],
)
def test_signal_filters(console, said, query, found):
    DeploymentFactory(id="search")

    shown = console.get(SIGNALS, query).context["cl"].result_list

    assert [rows.number_of(str(signal.pk)) for signal in shown] == found


@one_store
@pytest.mark.parametrize("query", [{"cursor": "bad"}, {"occurred_at__lt": "soon"}, {"live": "1"}])
def test_what_no_list_has_leads_back_to_the_list(console, any_store, query):
    page = console.get(SIGNALS, query)

    assert (page.status_code, page["Location"]) == (302, f"{SIGNALS}?e=1")


def test_the_page_of_a_signal_shows_only_what_was_said(console, said, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        report = console.get(page_of(4)).content.decode()
    edit = console.get(page_of(2)).content.decode()
    thumb = console.get(page_of(3)).content.decode()

    assert "&lt;b&gt;No&lt;/b&gt;" in report
    assert "Edited response" not in report
    assert '<pre class="cf-prose">A better\n\nanswer.</pre>' in edit
    assert "button" in thumb
    assert reverse("admin:feedback_event_change", args=[rows.event_id(1)]) in thumb
    assert "Comment" not in thumb


@one_store
def test_a_signal_cannot_be_changed_and_is_for_those_who_may_view_it(console, client, said):
    assert console.post(page_of(3), {"comment": "Changed"}).status_code == 403

    client.force_login(UserFactory(is_staff=True))

    assert [client.get(address).status_code for address in (SIGNALS, page_of(3))] == [403, 403]


@pytest.mark.parametrize("unknown", [rows.signal_id(99), "nothing"])
def test_an_unknown_signal_leads_back_with_a_message(console, any_store, unknown):
    page = console.get(reverse("admin:feedback_signal_change", args=[unknown]), follow=True)

    assert page.redirect_chain[-1][0] == reverse("admin:index")
    assert "doesn’t exist" in page.content.decode()


@one_store
def test_an_empty_list_shows_the_command_that_fills_it(console, any_store):
    assert "curl http://testserver/api/v1/signals" in console.get(SIGNALS).content.decode()
