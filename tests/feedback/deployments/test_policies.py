"""What a deployment wants done with its traffic is done before anything is written."""

import uuid

import pytest

from feedback import valkey
from feedback.access import keys
from feedback.choices import Scope
from feedback.deployments import policies
from feedback.ingestion import stream
from feedback.ingestion.admitting import mask
from feedback.ingestion.admitting.admission import is_sampled_out
from feedback.models import Deployment, Event, IngestBatch, MaskingPattern, QualityScore, Signal
from tests.factories import DeploymentFactory, EventFactory

EVENTS, SIGNALS = "/api/v1/events", "/api/v1/signals"
LONG_ANSWER = "Write to ann@example.com, who resets it for you within a day."
EVENT = {"deployment_id": "helpdesk", "prompt": "How do I reset it? ORDER-7731", "response": LONG_ANSWER}


def configure(**fields):
    deployment = DeploymentFactory(id="helpdesk", **fields)
    policies.forget()
    return deployment


def errors_of(answer):
    return [(error["field"], error["code"]) for error in answer.json()["errors"]]


def test_sampling_keeps_the_same_events_of_every_resend(api, write_all):
    configure(sampling_rate=0.3)
    ids = [str(uuid.uuid5(uuid.NAMESPACE_URL, f"event {n}")) for n in range(200)]
    kept = {event_id for event_id in ids if not is_sampled_out(event_id, 0.3)}

    first, again = (
        api.post(EVENTS, {"events": [EVENT | {"id": event_id} for event_id in ids]}, format="json") for _ in range(2)
    )
    pending = api.get(f"/api/v1/batches/{first.json()['batch_id']}").json()
    write_all()

    assert (first.status_code, first.json()["accepted"], pending["pending"]) == (202, 200, 200)
    assert 40 < len(kept) < 80
    assert {str(event_id) for event_id in Event.objects.values_list("id", flat=True)} == kept
    for answer, stored, duplicate in ((first, len(kept), 0), (again, 0, len(kept))):
        counts = api.get(f"/api/v1/batches/{answer.json()['batch_id']}").json()
        assert counts == {
            "batch_id": answer.json()["batch_id"],
            "accepted": 200,
            "stored": stored,
            "duplicate": duplicate,
            "sampled_out": 200 - len(kept),
            "rejected": 0,
            "invalid": 0,
            "pending": 0,
        }


def test_a_request_that_is_sampled_out_whole_is_in_the_ledger(api, write_all):
    configure(sampling_rate=0)

    answer = api.post(EVENTS, EVENT, format="json")
    write_all()

    assert answer.status_code == 202
    counts = IngestBatch.objects.values_list("accepted", "stored", "sampled_out").get()
    assert (counts, Event.objects.count()) == ((1, 0, 1), 0)


def test_dropped_content_leaves_measures_alone(api, write_all):
    configure(content_policy="drop")
    event_id = str(uuid.uuid4())
    signal = {"event_id": event_id, "deployment_id": "helpdesk", "type": "edit", "edited_response": "Ask somebody."}
    rating = {"event_id": event_id, "deployment_id": "helpdesk", "type": "rating", "value": 4, "comment": "Good."}

    event = EVENT | {"id": event_id, "tags": ["vip"], "metadata": {"note": "secret note"}, "latency_ms": 120}
    api.post(EVENTS, event, format="json")
    api.post(SIGNALS, {"signals": [signal, rating]}, format="json")
    waiting = b"".join(fields[b"payload"] for _, fields in valkey.client().xrange(stream.STREAM))
    write_all()

    assert not any(text in waiting for text in (b"reset", b"vip", b"secret", b"somebody", b"Good", b"somebody"))
    stored = Event.objects.get()
    assert (stored.prompt, stored.response, stored.messages, stored.tags, stored.metadata) == ("", "", None, [], {})
    assert (stored.prompt_length, stored.response_length) == (len(EVENT["prompt"]), len(LONG_ANSWER) - 8)
    assert (stored.content_dropped, stored.latency_ms, stored.masked) == (True, 120, {"EMAIL": 1})
    assert (stored.quality_score, QualityScore.objects.get().score) == (1.0, 1.0)
    kept = {signal.type: (signal.edited_response, signal.comment, signal.value) for signal in Signal.objects.live()}
    assert kept == {"edit": ("", "", None), "rating": ("", "", 4)}


def test_without_masking_texts_are_stored_as_sent(api, write_all):
    configure(content_policy="off")

    api.post(EVENTS, EVENT | {"user_id": "ann"}, format="json")
    write_all()

    stored = Event.objects.get()
    assert (stored.response, stored.masked, len(stored.user_hash)) == (LONG_ANSWER, {}, 64)


def test_patterns_of_a_deployment_mask_its_texts_and_those_of_early_signals(api, write_all):
    order = MaskingPattern(deployment=configure(), name="ORDER", expression=r"ORDER-\d+", replacement="[ORDER NUMBER]")
    order.save()
    early = {"event_id": str(uuid.uuid4()), "type": "report", "comment": "see ORDER-1"}
    signals = [early | {"deployment_id": name} for name in ("helpdesk", "other")]

    api.post(EVENTS, {"events": [EVENT, EVENT | {"deployment_id": "other"}]}, format="json")
    api.post(SIGNALS, {"signals": signals}, format="json")
    write_all()

    prompts = dict(Event.objects.values_list("deployment_id", "prompt"))
    assert prompts == {"helpdesk": "How do I reset it? [ORDER NUMBER]", "other": EVENT["prompt"]}
    assert Event.objects.get(deployment_id="helpdesk").masked == {"ORDER": 1, "EMAIL": 1}
    comments = dict(Signal.objects.values_list("deployment_id", "comment"))
    assert comments == {"helpdesk": "see [ORDER NUMBER]", "other": "see ORDER-1"}


@pytest.mark.parametrize("known", ["named", "stored", "later"])
@pytest.mark.parametrize(("kind", "collected"), [("thumbs_up", True), ("copy", False)])
def test_only_the_wanted_types_of_signals_count(api, write_all, known, kind, collected):
    configure(feedback_types=["thumbs", "correction"])
    event_id = str(uuid.uuid4())
    if known == "stored":
        EventFactory(id=event_id)
    signal = {"event_id": event_id, "type": kind} | ({"deployment_id": "helpdesk"} if known == "named" else {})

    answer = api.post(SIGNALS, signal, format="json")
    if known != "stored":
        api.post(EVENTS, EVENT | {"id": event_id}, format="json")
    write_all()

    assert answer.status_code == (202 if collected or known == "later" else 400)
    if answer.status_code == 400:
        assert errors_of(answer) == [("type", "not_collected")]
    assert Signal.objects.live().count() == collected


TEXTS = {
    "none": ({}, 202),
    "rating": ({"type": "rating", "value": 4}, 202),
    "comment": ({"comment": "Ann wrote it."}, 400),
    "value": ({"value": 0}, 400),
    "metadata": ({"metadata": {"by": "Ann"}}, 400),
    "edit": ({"type": "edit", "edited_response": "Ask somebody."}, 400),
    "label": ({"type": "label", "value": "wrong"}, 400),
    "external id": ({"external_id": "request-7"}, 400),
}


@pytest.mark.parametrize("policy", ["mask", "drop", "off"])
@pytest.mark.parametrize(("content", "status"), TEXTS.values(), ids=TEXTS)
def test_a_text_about_an_unknown_event_must_say_whose_it_is(api, write_all, policy, content, status):
    configure(content_policy=policy)
    event_id = str(uuid.uuid4())
    signal = {"event_id": event_id, "type": "copy"} | content

    answer = api.post(SIGNALS, signal, format="json")
    api.post(EVENTS, EVENT | {"id": event_id}, format="json")
    write_all()
    live = Signal.objects.live().count()
    named = api.post(SIGNALS, signal | {"event_id": str(uuid.uuid4()), "deployment_id": "helpdesk"}, format="json")
    after_its_event = api.post(SIGNALS, signal, format="json")

    assert (answer.status_code, live) == (status, status == 202)
    if status == 400:
        message = "deployment_id is required because this event is not stored yet"
        assert answer.json()["errors"] == [
            {"field": "deployment_id", "code": "required", "message": message, "index": 0}
        ]
    assert (named.status_code, after_its_event.status_code) == (202, 202)


def test_what_cannot_be_masked_is_rejected_alone(api, write_all, monkeypatch):
    answer_mask = mask.mask_answer

    def failing(text, **options):
        if "cannot" in text:
            raise RuntimeError(f"cannot mask: {text}")
        return answer_mask(text, **options)

    monkeypatch.setattr(mask, "mask_answer", failing)
    bad = EVENT | {"response": "this cannot be masked: ann@example.com"}
    answer = api.post(EVENTS, {"events": [bad, EVENT]}, format="json")
    write_all()

    assert answer.status_code == 207
    (rejected,) = answer.json()["rejected"]
    message = "This item cannot be masked, so it is not stored"
    assert rejected["errors"] == [{"field": "", "code": "masking_failed", "message": message}]
    assert list(Event.objects.values_list("response", flat=True)) == [LONG_ANSWER.replace("ann@example.com", "[EMAIL]")]


def limited(api, operator, *names):
    _, secret = keys.create(operator, "limited", [Scope.INGEST, Scope.SIGNALS])
    keys.ApiKey.objects.filter(name="limited").update(deployments=list(names))
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")


def test_a_limited_key_sends_to_its_deployments_only(api, operator, write_all):
    limited(api, operator, "helpdesk", "shop")

    answer = api.post(EVENTS, {"events": [EVENT, EVENT | {"deployment_id": "other"}]}, format="json")
    write_all()

    assert answer.status_code == 207
    (rejected,) = answer.json()["rejected"]
    assert [(error["field"], error["code"]) for error in rejected["errors"]] == [
        ("deployment_id", "deployment_forbidden")
    ]
    assert list(Event.objects.values_list("deployment_id", flat=True)) == ["helpdesk"]
    # What a limited key says about deployments it may not see is not believed either.
    assert set(IngestBatch.objects.values_list("deployment_id", "invalid")) == {("helpdesk", 0), ("", 1)}


@pytest.mark.parametrize(("names", "status"), [(["helpdesk"], 202), (["helpdesk", "shop"], 400)])
def test_a_limited_key_learns_nothing_of_other_events(api, operator, write_all, names, status):
    foreign = EventFactory(deployment_id="other")
    limited(api, operator, *names)

    answers = [
        api.post(SIGNALS, {"event_id": str(event_id), "type": "copy"}, format="json")
        for event_id in (foreign.pk, uuid.uuid4())
    ]
    write_all()

    assert [answer.status_code for answer in answers] == [status, status]
    if status == 400:
        assert answers[0].json() == answers[1].json()
    assert Signal.objects.live().count() == 0
    assert set(Signal.objects.values_list("deployment_id", flat=True)) == ({"helpdesk"} if status == 202 else set())


def test_a_disabled_deployment_rejects_signals_by_event_too(api, write_all):
    event = EventFactory()
    configure(enabled=False)

    answer = api.post(SIGNALS, {"event_id": str(event.pk), "type": "copy"}, format="json")

    assert (answer.status_code, errors_of(answer)) == (400, [("deployment_id", "deployment_disabled")])
    assert Deployment.objects.get().enabled is False


@pytest.mark.django_db
def test_a_slow_database_is_read_once_at_a_time(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(policies, "REFRESH_SECONDS", 0.0)

    with django_assert_num_queries(1):
        policies.policy_of("helpdesk")
