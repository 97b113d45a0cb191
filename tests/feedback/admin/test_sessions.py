"""The page of a session: its events as one conversation."""

import json

import pytest
from django.urls import reverse

from tests.factories import StaffFactory
from tests.feedback.stores import rows

SESSION = "ab" * 32
ADDRESS = reverse("admin:feedback_event_session")
CHECKS = [
    {"name": "length", "score": 0.1, "passed": False, "details": {}, "version": "1"},
    {"name": "format", "score": 1.0, "passed": True, "details": {}, "version": "1"},
]


def user(text):
    return {"role": "user", "content": text}


def assistant(text):
    return {"role": "assistant", "content": text}


SYSTEM = {"role": "system", "content": "Be kind."}


def turn(number, messages, response, **fields):
    prompt = messages[-1]["content"]
    sent = {"messages": json.dumps(messages), "prompt": prompt, "response": response, "session_hash": SESSION}
    return rows.event(number, **sent | fields)


def about(number, **fields):
    return rows.signal(number, event_id=None, session_hash=SESSION, waiting=False, **fields)


def opened(console, **query):
    return console.get(ADDRESS, {"deployment_id": "helpdesk", "session_hash": SESSION} | query)


def said(page):
    return [
        [piece.content.text for bubble in one.bubbles for piece in bubble.pieces] for one in page.context["page"].turns
    ]


def test_messages_that_a_later_event_repeats_are_shown_once(console, any_store, django_assert_max_num_queries):
    first = [SYSTEM, user("Open?")]
    second = [*first, assistant("Shall I look?"), user("Yes")]
    third = [*second, assistant("Open till six. More?"), user("Yes")]
    rows.add_events(
        any_store,
        turn(1, first, "Shall I look?"),
        turn(2, second, "Open till six. More?"),
        turn(3, third, "Parking is free."),
        turn(4, third, "There is parking."),
        turn(5, [SYSTEM, assistant("There is parking."), user("Yes")], "What else?"),
        rows.event(6, session_hash="cd" * 32),
        rows.event(7, session_hash=SESSION, deployment_id="other"),
        scores=[rows.score(2, checks=json.dumps(CHECKS))],
    )
    rows.write(any_store, rows.signal(1, of=3, comment="Thanks"))

    with django_assert_max_num_queries(12):
        page = opened(console)

    assert said(page) == [
        ["Be kind.", "Open?", "Shall I look?"],
        ["Yes", "Open till six. More?"],
        ["Yes", "Parking is free."],
        ["There is parking."],
        ["Yes", "What else?"],
    ]
    shown = page.context["page"]
    assert [one.repeated for one in shown.turns] == [0, 3, 5, 6, 2]
    assert [[check.name for check in one.failed] for one in shown.turns] == [[], ["length"], [], [], []]
    assert [signal.comment for signal in shown.turns[2].signals] == ["Thanks"]
    assert "The same messages as in an earlier turn." in page.content.decode()


def test_prompts_alone_are_shown_every_time(console, any_store):
    rows.add_events(
        any_store, *(rows.event(number, session_hash=SESSION, prompt="Yes", response="Right.") for number in (1, 2))
    )

    assert said(opened(console)) == [["Yes", "Right."], ["Yes", "Right."]]


def test_signals_of_turns_and_of_the_session_are_told_apart(console, any_store):
    ada, ben = {"user_hash": "a" * 64}, {"user_hash": "b" * 64}
    rows.write(any_store, rows.event(1, session_hash=SESSION), rows.signal(1, comment="On the turn", type="report"))
    rows.add_signals(
        any_store,
        about(10, comment="Replaced", **ada),
        about(11, comment="Counts", **ada),
        about(12, comment="Taken back", **ben),
        about(13, retracted=True, **ben),
        about(14, comment="Of another", deployment_id="other"),
    )

    page = opened(console).context["page"]

    assert [(row.comment, row.state) for row in page.signals] == [("Counts", "about a session")]
    assert page.overruled == 3
    assert [row.comment for row in page.turns[0].signals] == ["On the turn"]


def test_ten_thousand_turns_are_paged_and_each_is_found(console, any_store):
    rows.add_events(
        any_store,
        *(rows.event(n, session_hash=SESSION, prompt=f"Question {n}", response="Yes.") for n in range(1, 10_001)),
    )

    def numbers(**query):
        shown = opened(console, **query).context["page"]
        return [rows.number_of(one.event["id"]) for one in shown.turns], shown

    newest, page = numbers()
    assert (newest, page.counted, page.later) == ([*range(9_981, 10_001)], "1,000+ turns", None)
    assert numbers(cursor=page.earlier)[0] == [*range(9_961, 9_981)]
    around, middle = numbers(event_id=rows.event_id(5_000))
    assert around == [*range(4_990, 5_010)]
    assert numbers(cursor=middle.later)[0] == [*range(5_010, 5_030)]
    assert numbers(event_id=rows.event_id(3))[0] == [*range(1, 13)]
    assert numbers(event_id=rows.event_id(20_000))[0] == newest


@pytest.mark.parametrize("any_store", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 200),
        ({"session_hash": "nothing"}, 404),
        ({"deployment_id": "other"}, 404),
        ({"deployment_id": ""}, 404),
        ({"cursor": "bad"}, 400),
        ({"event_id": "bad"}, 200),
    ],
)
def test_only_sessions_that_exist_have_a_page(console, any_store, query, status):
    rows.add_events(any_store, rows.event(1, session_hash=SESSION))

    assert opened(console, **query).status_code == status


@pytest.mark.parametrize("any_store", ["postgres"], indirect=True)
def test_an_event_leads_to_its_session_and_staff_without_rights_do_not(console, client, any_store):
    rows.add_events(any_store, rows.event(1, session_hash=SESSION))
    page = console.get(reverse("admin:feedback_event_change", args=[rows.event_id(1)])).content.decode()
    client.force_login(StaffFactory(is_superuser=False))

    assert f"{ADDRESS}?deployment_id=helpdesk&amp;session_hash={SESSION}&amp;event_id={rows.event_id(1)}" in page
    assert opened(client).status_code == 403


@pytest.mark.parametrize("any_store", ["postgres"], indirect=True)
def test_a_session_without_texts_and_one_with_a_long_conversation(console, any_store):
    dropped = {"prompt": "", "response": "", "content_dropped": True, "messages": None}
    long = [user("word " * 30_000), assistant("Yes."), user("And now?")]
    rows.add_events(any_store, turn(1, [user("x")], "") | dropped, turn(2, long, "Done."))

    page = opened(console)

    assert said(page) == [[], ["And now?", "Done."]]
    assert "Texts not kept: prompt 27, response 23 characters" in page.content.decode()
    assert "too long for this page" in page.content.decode()
