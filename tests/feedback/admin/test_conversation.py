"""The conversation on the page of an event: every kind of block, bounded, whatever it holds."""

import json
import re

import pytest
from django.urls import reverse

from tests.feedback.stores import rows

CALLS = [
    {"type": "tool_call", "id": "c1", "name": "weigh", "arguments": '{"parcel":18446744073709551617,"unit":"kg"}'},
    {"type": "tool_call", "id": "c2", "name": "print", "arguments": "label, twice"},
]


def found(problems, **counts):
    details = {"calls": 2, "valid": 2 - len(problems), "unjudged": 0, "problems": problems} | counts
    return json.dumps([{"name": "tool_calls", "score": 0.5, "passed": False, "version": "1", "details": details}])


def answer(*blocks, role="assistant", **fields):
    return {"role": role, "content": "", "blocks": list(blocks)} | fields


def text(words):
    return {"type": "text", "text": words}


def opened(console, store, messages=(), response=None, *, scores=(), query=None, **fields):
    columns = {"messages": json.dumps(list(messages)) if messages else None}
    columns |= {"response": response} if isinstance(response, str) else {}
    columns["response_message"] = json.dumps([response]) if isinstance(response, dict) else None
    rows.add_events(store, rows.event(1, **columns, **fields), scores=scores)
    return console.get(reverse("admin:feedback_event_change", args=[rows.event_id(1)], query=query or {}))


def bubbles(page):
    return page.context["page"].conversation.bubbles


def pieces(page, number=-1):
    return bubbles(page)[number].pieces


def html(page):
    return page.content.decode()


def test_every_role_has_a_bubble_in_order(console, any_store):
    messages = [
        {"role": "developer", "content": "Answer in one line."},
        {"role": "user", "content": "What does it weigh?", "name": "Ada"},
        answer(CALLS[0], content=None),
        answer({"type": "tool_result", "call_id": "c1", "blocks": [text('{"kg":3.50}')]}, role="tool"),
    ]

    page = opened(console, any_store, messages, response="Three and a half.")

    assert [(bubble.role, bubble.side, bubble.index, bubble.name) for bubble in bubbles(page)] == [
        ("developer", "other", 0, ""),
        ("user", "user", 1, "Ada"),
        ("assistant", "assistant", 2, ""),
        ("tool", "tool", 3, ""),
        ("assistant", "answer", None, ""),
    ]
    result = pieces(page, 3)[0]
    assert (result.kind, result.summary, result.inner[0].content.text) == (
        *("result", "Result of weigh", '{\n  "kg": 3.50\n}'),
    )


def test_calls_of_the_answer_have_their_check(console, any_store):
    problem = {"call": 1, "name": "print", "code": "not_json"}

    page = opened(console, any_store, response=answer(*CALLS), scores=[rows.score(1, checks=found([problem]))])

    assert [(piece.summary, piece.mark, piece.notes) for piece in pieces(page)] == [
        ("Call weigh", "valid", []),
        ("Call print", "invalid", ["arguments are not JSON"]),
    ]
    assert [piece.content.text for piece in pieces(page)] == [
        '{\n  "parcel": 18446744073709551617,\n  "unit": "kg"\n}',
        "label, twice",
    ]
    assert "print arguments are not JSON" in html(page)


@pytest.mark.parametrize("any_store", ["postgres"], indirect=True)
@pytest.mark.parametrize("checks", [found([], unjudged=1), found([], calls=3), "[]"])
def test_a_call_without_a_verdict_has_no_mark(console, any_store, checks):
    page = opened(console, any_store, response=answer(*CALLS), scores=[rows.score(1, checks=checks)])

    assert [piece.mark for piece in pieces(page)] == ["", ""]


def test_reasoning_refusals_media_and_unknown_parts_are_told_apart(console, any_store):
    url = "https://files.example/parcel.jpg"
    media = {
        "type": "media",
        "kind": "image",
        "media_type": "image/jpeg",
        "sha256": "ab" * 32,
        "size": 20_480,
        "url": url,
    }
    blocks = [
        {"type": "reasoning", "text": "Heavy."},
        text("Ask at the *desk*."),
        {"type": "refusal", "text": "I do not lift."},
        media,
        {"type": "other", "kind": "map", "extra": {"zoom": 3}},
    ]

    page = opened(console, any_store, response=answer(*blocks, extra={"logprobs": [0.5]}))

    assert [piece.kind for piece in pieces(page)] == ["reasoning", "text", "refusal", "media", "other"]
    assert pieces(page)[3].facts == [
        ("Kind", "image"),
        ("Type", "image/jpeg"),
        ("Size", "20,480 bytes"),
        ("SHA-256", "abababababab…"),
        ("URL", url),
    ]
    assert "<em>desk</em>" in html(page)
    assert "logprobs" in html(page)
    assert re.findall(rf'(?:src|href)="{url}', html(page)) == []


def test_a_long_text_is_cut_and_shown_whole_on_request(console, any_store):
    long = "word " * 200_000

    page = opened(console, any_store, response=long)
    whole = console.get(reverse("admin:feedback_event_change", args=[rows.event_id(1)], query={"whole": "answer"}))

    assert len(page.content) < 150_000
    assert "The first 20,000 of 1,000,000 characters." in html(page)
    assert 'href="?whole=answer#message-answer"' in html(page)
    assert pieces(whole)[0].content.text == long
    assert not bubbles(whole)[-1].is_cut


def test_a_long_conversation_is_paged(console, any_store):
    messages = [{"role": ("user", "assistant")[number % 2], "content": f"Line {number}."} for number in range(10_000)]

    page = opened(console, any_store, messages)

    def indexes(**query):
        there = console.get(reverse("admin:feedback_event_change", args=[rows.event_id(1)], query=query))
        shown = there.context["page"].conversation
        return [bubble.index for bubble in shown.bubbles], shown.earlier, shown.later

    assert [bubble.index for bubble in bubbles(page)] == [*range(9_900, 10_000), None]
    assert "9,900 earlier messages" in html(page)
    assert indexes(before=9_900) == ([*range(9_800, 9_900), None], 9_800, 100)
    assert indexes(before=50) == ([*range(50), None], 0, 9_950)
    assert indexes(whole=200) == ([*range(101, 201), None], 101, 9_799)
    assert indexes(before=0) == ([None], 0, 10_000)
    for nonsense in ("-1", "x", "٣", "9" * 40, "1e3"):
        assert indexes(before=nonsense, whole=nonsense)[0] == [*range(9_900, 10_000), None]


def test_the_page_stays_small_whatever_a_message_holds(console, any_store):
    blocks = [text("long " * 200) for _ in range(5_000)]

    page = opened(console, any_store, [answer(*blocks, role="user")] * 3)

    assert len(page.content) < 1_200_000
    assert "4,900 more parts of this message are not shown." in html(page)


@pytest.mark.parametrize("any_store", ["postgres"], indirect=True)
@pytest.mark.parametrize("depth", [100, 255, 20_000])
def test_deep_json_is_shown(console, any_store, depth):
    arguments = "[" * depth + "]" * depth

    page = opened(console, any_store, response=answer(CALLS[0] | {"arguments": arguments}, text(arguments)))

    assert page.status_code == 200
    assert pieces(page)[0].summary == "Call weigh"


@pytest.mark.parametrize("any_store", ["postgres"], indirect=True)
def test_hidden_characters_of_arguments_are_written_out(console, any_store):
    call = CALLS[0] | {"arguments": '{"pay\u202eot": "a\u2066b\u200f"}', "name": "pay\u202e"}

    page = opened(console, any_store, response=answer(call, text("left \u202e right \x07 \ufffd")))

    assert pieces(page)[0].content.text == '{\n  "pay\\u202eot": "a\\u2066b\\u200f"\n}'
    assert page.status_code == 200


@pytest.mark.parametrize("any_store", ["postgres"], indirect=True)
def test_what_was_asked_of_the_answer_is_shown(console, any_store):
    page = opened(console, any_store, tool_choice='"auto"', response_format='{"type":"json_object"}')

    assert [(name, shown.text) for name, shown in page.context["page"].asked] == [
        ("Tool choice", '"auto"'),
        ("Response format", '{\n  "type": "json_object"\n}'),
    ]
