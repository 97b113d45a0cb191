"""Numbers that 64 bits cannot hold stay as they were sent, through every store and on every page."""

import json
import re
import uuid
from decimal import Decimal

import pytest

from feedback.models import RejectedItem

EVENTS = "/api/v1/events"
LARGE = [
    "18446744073709551616",
    "-9223372036854775809",
    "340282366920938463463374607431768211457",
    "0.1234567890123456789012345",
    "-98765432109876543210.25",
    "1e400",
    "-3E-410",
]
# These a float or an integer of 64 bits holds exactly.
ORDINARY = ["18446744073709551615", "-9223372036854775808", "0.1", "-0.0", "1.0", "2.5e-7", "1e22", "3"]


def event_with(numbers, **fields):
    """An event as text, with these numbers in its metadata and in the arguments of a call."""
    written = ",".join(numbers)
    call = f'{{"id": "c1", "function": {{"name": "pay", "arguments": {{"amounts": [{written}]}}}}}}'
    others = "".join(f", {json.dumps(name)}: {json.dumps(value)}" for name, value in fields.items())
    return (
        f'{{"deployment_id": "bank", "response": "Paid.", "metadata": {{"amounts": [{written}]}}, "messages": ['
        f'{{"role": "user", "content": "Pay the bill."}}, {{"role": "assistant", "content": null, "tool_calls": ['
        f"{call}]}}]{others}}}"
    )


def values_of(answer, pattern=r'"amounts": ?\[([^\]]*)\]'):
    """The amounts in an answer as exact decimals, each list of them; arguments are JSON within a string."""
    text = answer.content.decode().replace('\\"', '"')
    return [[Decimal(number) for number in found.split(",")] for found in re.findall(pattern, text)]


def exactly(numbers):
    return [Decimal(text) for text in numbers]


def send(api, text, path=EVENTS):
    return api.generic("POST", path, text, content_type="application/json")


@pytest.mark.parametrize("spoilt", [False, True], ids=["", "with_nan"])
@pytest.mark.parametrize("numbers", [LARGE, ORDINARY], ids=["large", "ordinary"])
def test_numbers_of_any_size_are_given_back_as_they_were_sent(api, write_all, any_store, numbers, spoilt):
    event_id = str(uuid.uuid4())
    text = event_with(numbers, id=event_id)
    if spoilt:
        text = text.replace('"metadata": {', '"metadata": {"loss": NaN, ')

    accepted = send(api, f'{{"events": [{text}]}}')
    write_all()

    assert accepted.json()["accepted"] == 1
    assert values_of(api.get(f"{EVENTS}/{event_id}")) == [exactly(numbers)] * 2
    assert values_of(api.get(EVENTS)) == [exactly(numbers)] * 2


def test_the_value_of_a_signal_keeps_every_digit(api, write_all, any_store):
    event_id = str(uuid.uuid4())
    send(api, event_with(["1"], id=event_id))
    signals = ",".join(
        f'{{"event_id": "{event_id}", "deployment_id": "bank", "type": "{kind}", "value": {value}}}'
        for kind, value in (("label", '{"amounts": [18446744073709551617]}'), ("rating", "4.12345678901234567890123"))
    )

    answer = send(api, f'{{"signals": [{signals}]}}', "/api/v1/signals")
    write_all()

    assert answer.json()["accepted"] == 2
    stored = api.get(f"{EVENTS}/{event_id}").content.decode()
    assert '"amounts":[18446744073709551617]' in stored
    assert '"value":4.12345678901234567890123' in stored


@pytest.mark.parametrize("number", ["1e1000", "-1e99999999999999999999", "1e-1000", "7" * 4_301, "0." + "7" * 4_300])
@pytest.mark.parametrize("spoilt", [False, True], ids=["", "with_nan"])
def test_a_number_beyond_the_bounds_costs_its_own_item_only(api, write_all, number, spoilt):
    good = '{"deployment_id": "bank", "prompt": "Pay.", "response": "Paid."}'
    if spoilt:
        good = good.replace('"Paid."', '"Paid.", "metadata": {"loss": NaN}')

    answer = send(api, f'{{"events": [{event_with([number])}, {good}]}}')

    assert (answer.json()["accepted"], [item["index"] for item in answer.json()["rejected"]]) == (1, [0])
    assert answer.json()["rejected"][0]["errors"][0]["code"] == "out_of_range"


def test_the_page_of_an_event_shows_every_digit(api, console, write_all):
    event_id = str(uuid.uuid4())
    send(api, event_with(LARGE, id=event_id))
    write_all()

    page = console.get(f"/admin/feedback/event/{event_id}/change/").content.decode()

    assert page.count(LARGE[2]) == 2
    assert page.count(LARGE[3]) == 2


def test_the_page_of_a_rejected_item_shows_every_digit(console):
    payload = {"deployment_id": "bank", "metadata": '{"wei": 340282366920938463463374607431768211457}'}
    rejected = RejectedItem.objects.create(
        batch_id=uuid.uuid4(), item_id=uuid.uuid4(), kind="event", payload=payload, reason="refused"
    )

    page = console.get(f"/admin/feedback/rejecteditem/{rejected.pk}/change/").content.decode()

    assert "340282366920938463463374607431768211457" in page
