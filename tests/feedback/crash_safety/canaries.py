"""Secrets that no other text holds, one of every masked kind for each place, and requests that are full of them."""

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import re2

from feedback.masking.numbers.identifiers import passes_luhn

KINDS = ("EMAIL", "PHONE", "SSN", "CREDIT_CARD", "IBAN", "IP", "SECRET")
DEPLOYMENT = "canary"
# In an identifier four numbers with dots are a version.
LABELS = ("model_version_id", "prompt_version", "experiment", "trace_id", "span_id")
MASKED_LABEL = "Mail [EMAIL], call [PHONE], ssn [SSN], card [CREDIT_CARD], iban [IBAN], key [SECRET]"
MASKED = "Mail [EMAIL], call [PHONE], ssn [SSN], card [CREDIT_CARD], iban [IBAN], host [IP], key [SECRET]"


@dataclass(frozen=True)
class Canary:
    """The secrets of one place: `text` holds one of each kind; `name` and `person` hold one each."""

    place: str
    number: int

    @property
    def text(self) -> str:
        email, phone, ssn, card, iban, address, key = self.secrets
        return (
            f"{self.word}: Mail {email}, call {phone}, ssn {ssn}, card {card}, iban {iban}, host {address}, key {key}"
        )

    @property
    def label(self) -> str:
        """The same without an address."""
        return self.text.replace(f"host {self.secrets[5]}, ", "")

    @property
    def secrets(self) -> tuple[str, ...]:
        phone = f"+1 415-{600 + self.number // 10_000}-{self.number % 10_000:04}"
        ssn = f"{210 + self.number % 400}-{11 + self.number % 80}-{5_000 + self.number}"
        address = f"198.51.{self.number // 250}.{1 + self.number % 250}"
        return self.name, phone, ssn, self._card, self._iban, address, f"sk-proj-{self._digest[:32]}"

    @property
    def name(self) -> str:
        """An address, for fields that have no room for more."""
        return f"canary.{self._digest[32:44]}@example.org"

    @property
    def word(self) -> str:
        """No secret, but content all the same: it is stored and never logged."""
        return f"wording{self._digest[56:]}"

    @property
    def person(self) -> str:
        """An id of a user or session, which no pattern knows."""
        return f"person {self._digest[44:56]}"

    def needles(self) -> Iterator[str]:
        """What must be found nowhere: the secrets as they are, without their separators, and their telling parts."""
        yield from self.secrets
        for secret in (self.secrets[1], self.secrets[3], self.secrets[4]):
            yield "".join(filter(str.isalnum, secret))
        yield from (self._card[5:], self._iban[6:], self._digest[8:32], self._digest[32:44], self.person)

    @property
    def _digest(self) -> str:
        return hashlib.sha256(f"canary of {self.place}".encode()).hexdigest()

    @property
    def _card(self) -> str:
        middle = f"{int(self._digest[:12], 16) % 10**11:011}"
        digits = next(d for last in "0123456789" if passes_luhn(d := f"4539{middle}{last}"))
        return " ".join(digits[start : start + 4] for start in range(0, 16, 4))

    @property
    def _iban(self) -> str:
        account = f"{int(self._digest[12:24], 16) % 10**14:014}"
        check = 98 - int(f"{_letters('NWBK')}{account}{_letters('GB')}00") % 97
        return f"GB{check:02}NWBK{account}"


def _letters(text: str) -> str:
    return "".join(str(int(letter, 36)) for letter in text)


class Canaries:
    """Hands out a canary for each place and tells which of them a haystack holds."""

    def __init__(self):
        self.planted: dict[str, Canary] = {}

    def at(self, place: str) -> Canary:
        return self.planted.setdefault(place, Canary(place, len(self.planted)))

    def secrets_in(self, haystacks: Iterable[tuple[str, bytes]]) -> set[tuple[str, str, str]]:
        """(where it was found, where it was planted, what) of every secret found."""
        return self._find(haystacks, lambda canary: canary.needles())

    def words_in(self, haystacks: Iterable[tuple[str, bytes]]) -> set[tuple[str, str, str]]:
        return self._find(haystacks, lambda canary: [canary.word])

    def _find(self, haystacks, needles_of) -> set[tuple[str, str, str]]:
        places = {needle.encode(): canary.place for canary in self.planted.values() for needle in needles_of(canary)}
        options = re2.Options()
        options.encoding, options.max_mem = re2.Options.Encoding.LATIN1, 256 * 2**20
        search = re2.compile(b"|".join(map(re2.escape, places)), options)
        return {
            (name, places[match[0]], match[0].decode())
            for name, haystack in haystacks
            for match in search.finditer(haystack)
        }


def event(canaries, place, **changes):
    """An event with a canary in every field that takes a text."""

    def text(field):
        return canaries.at(f"{place}: {field}").text

    function = text("function")
    call = {"id": text("call id"), "function": {"name": function, text("argument name"): [text("argument")]}}
    answer = {"role": "assistant", "content": text("content"), "name": text("name"), "tool_calls": [call]}
    answer |= {"reasoning_content": text("reasoning"), "refusal": text("refusal"), text("unknown key"): text("unknown")}
    schema = {"type": "object", "properties": {text("tool argument"): {"description": text("argument description")}}}
    tool = {"name": "find", "description": text("tool description"), "parameters": schema}
    return {
        "deployment_id": DEPLOYMENT,
        "external_id": canaries.at(f"{place}: external_id").name,
        **{name: canaries.at(f"{place}: {name}").label for name in LABELS},
        "finish_reason": text("finish_reason"),
        "prompt": text("prompt"),
        "system": text("system"),
        # Both, because an export leaves out calls of tools that are not declared.
        "tools": [{"type": "function", "function": tool}, {"type": "function", "function": {"name": function}}],
        "tool_choice": {text("tool choice key"): text("tool choice")},
        "response_format": {"type": "json_schema", text("format key"): text("format")},
        "messages": [answer, {"role": "tool", "content": text("tool"), "tool_call_id": text("tool_call_id")}],
        "response": text("response"),
        "tags": [text("tag")],
        "scores": [{"name": "tone", "value": 1, "version": canaries.at(f"{place}: version of a score").name}],
        "metadata": {text("metadata key"): {text("nested key"): [text("nested value"), {"deep": text("deep value")}]}},
        "user_id": canaries.at(f"{place}: user_id").person,
        "session_id": canaries.at(f"{place}: session_id").person,
        **changes,
    }


def signal(canaries, place, of, **changes):
    """A signal about the event planted at `of`, with a canary in every field that takes a text."""

    def text(field):
        return canaries.at(f"{place}: {field}").text

    return {
        "deployment_id": DEPLOYMENT,
        "external_id": canaries.at(f"{of}: external_id").name,
        "type": "edit",
        "value": {text("value key"): [text("value")]},
        "edited_response": text("edited_response"),
        "comment": text("comment"),
        "metadata": {text("metadata key"): {"inner": text("nested value")}},
        "user_id": canaries.at(f"{place}: user_id").person,
        **changes,
    }


def score(canaries, place, of, **changes):
    """A score of the event planted at `of`, with a canary in every field that takes a text."""
    return {
        "deployment_id": DEPLOYMENT,
        "external_id": canaries.at(f"{of}: external_id").name,
        "name": "solved",
        "value": 0.5,
        "version": canaries.at(f"{place}: version").name,
        **changes,
    }


def refused_scores(canaries):
    def wrong(place, **changes):
        return score(canaries, f"refused score, {place}", "stored event", **changes)

    text = canaries.at("a wrong value of a score").text
    phone = canaries.at("the name of a score").secrets[1].replace("+1 ", "tel:")
    return [
        wrong("name", name=text),
        wrong("phone", name=phone),
        wrong("value", value=text),
        wrong("version", version=text),
        wrong("unknown field", **{text: text}),
        wrong("event id", event_id=text),
        wrong("deployment", deployment_id=text),
    ]


def refused_events(canaries):
    """Events that are wrong in one way each, mostly with a canary in the wrong place."""

    def wrong(name, **changes):
        return event(canaries, f"refused event, {name}", **changes)

    text = canaries.at("a wrong value").text
    deep = text
    for _ in range(40):
        deep = {text: deep}
    return [
        wrong("unknown field", **{text: 1}),
        wrong("deployment", deployment_id=text),
        wrong("number", latency_ms=text),
        wrong("id", id=text),
        wrong("time", occurred_at=text),
        wrong("role", messages=[{"role": text, "content": text}]),
        wrong("depth", metadata=deep),
        wrong("length", tags=[text * 20]),
        wrong("future", occurred_at="2999-01-01T00:00:00Z"),
        wrong("no response", response=None),
        wrong("name of a score", scores=[{"name": text, "value": 1}]),
        wrong("version of a score", scores=[{"name": "tone", "value": 1, "version": text}]),
        text,
        [text],
    ]


def replaced_events(canaries):
    """Events with characters that cannot be stored, beside a canary."""
    text = canaries.at("beside a replaced character").text
    return [
        event(canaries, "replaced event, NUL", response=f"{text}\0"),
        event(canaries, "replaced event, half a pair", prompt=f"{text}\ud800"),
    ]


def refused_signals(canaries):
    def wrong(name, **changes):
        return signal(canaries, f"refused signal, {name}", "stored event", **changes)

    text = canaries.at("a wrong value of a signal").text
    return [
        wrong("type", type=text),
        wrong("unknown field", **{text: text}),
        wrong("event id", event_id=text),
        wrong("deployment", deployment_id=text),
        wrong("edited_response", type="thumbs_up"),
        wrong("rating", type="rating", edited_response=None, value=text),
        wrong("edit without text", edited_response=" "),
    ]


def malformed(canaries):
    """Bodies in which no items can be told apart, as (body, options of the request)."""
    whole = json.dumps({"events": [event(canaries, "malformed body")]}).encode()
    yield whole[:-40], {}
    yield whole.replace(b'"events"', b'"%b"' % canaries.at("list name").text.encode()), {}
    yield whole[:-1] + b', "%b": 1}' % canaries.at("name beside the list").text.encode(), {}
    yield whole[:-1] + b', "events": []}', {}
    yield b"\xff" + whole, {}
    yield whole, {"content_type": f"text/{canaries.at('content type').name}"}
    yield whole, {"Content-Encoding": "gzip"}
    yield gzip.compress(whole)[:-9], {"Content-Encoding": "gzip"}
    yield whole.replace(b", ", b"\n"), {"content_type": "application/x-ndjson"}
