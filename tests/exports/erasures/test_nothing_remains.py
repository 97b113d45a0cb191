"""After an erasure no table and no file holds a text, a hash or a signature of the person."""

import uuid

import pytest

from curation.choices import ComparisonVerdict, Decision, SetPart
from curation.models import Comparison, CuratedExample, CuratedPair, CuratedSet, GoldenRow, KnownRow
from curation.review import approval, bulk, golden, rows, sealing
from curation.review.comparisons import two_events
from exports.batches.encodings import ENCODINGS
from exports.models import Erasure, ExportItem, GateAnswer
from feedback.embeddings import clients
from feedback.evidence.votes import hash_of_user
from feedback.hashing import external_id_hashes, hash_person, hash_session
from feedback.models import Event
from feedback.tasks import fill_evidence, fold_rollups
from tests.exports.erasures.remains import places
from tests.exports.factories import GateRunFactory
from tests.factories import DeploymentFactory
from tests.feedback.factories import RejectedItemFactory

USER, SESSION, CASE = "maria@example.org", "maria's tablet", "case of maria@example.org"
# A word in each of her texts, and in none of anyone else's.
MARK = "zephyrine"
IDS = iter(range(1, 10_000))


@pytest.fixture(autouse=True)
def embedding(settings):
    settings.EMBEDDING_CLIENT = "tests.curation.conftest.DirectionPerText"
    clients.embedding_client.cache_clear()
    yield
    clients.embedding_client.cache_clear()


@pytest.fixture
def send(api, write_all):
    """Send items and write them."""

    def sent(path, *items):
        answer = api.post(f"/api/v1/{path}", {path: [{"deployment_id": "helpdesk", **item} for item in items]}, "json")
        assert answer.status_code == 202, answer.data
        write_all()

    return sent


def event(prompt, response, *, is_hers=True, **fields):
    hers = {"user_id": USER, "session_id": SESSION, "external_id": CASE, "metadata": {"note": f"{MARK} wrote"}}
    others = {"user_id": "otto", "session_id": "otto's phone"}
    return (
        {"id": str(uuid.UUID(int=next(IDS))), "prompt": prompt, "response": response}
        | (hers if is_hers else others)
        | fields
    )


def vote(one, kind, *users, **fields):
    return [{"event_id": one["id"], "type": kind, "user_id": user, **fields} for user in users]


def traffic(send):
    """Her events as examples, in the queue and on either side of pairs; her edit, votes and comments on another's."""
    asked, refused = "Where do I find the invoice of May?", "How long is the guarantee of the lamp?"
    good = event(
        asked, f"{MARK} finds it under Billing.", tags=[f"{MARK} tag"], scores=[{"name": "solved", "value": 1}]
    )
    bad = event(asked, "No idea, please ask someone else.", is_hers=False, session_id=None)
    theirs = event(refused, "Two years from the day of purchase.", is_hers=False)
    hers = event(refused, f"{MARK} should read the manual first.")
    again = event(refused, f"{MARK} has three years.")
    waiting = event(f"Can {MARK} return a used kettle?", f"{MARK} cannot.")
    edited = event("How do I clean the filter?", "Use water and wait until it is dry again.", is_hers=False)
    said = [{"role": "user", "content": f"I am {MARK}, which size fits?"}]
    talk = event(None, {"role": "assistant", "content": f"{MARK} takes the medium size."}, messages=said)
    send("events", good, bad, theirs, hers, again, waiting, edited, talk)
    correction = f"Use water, never soap, and wait until it is dry again. So says {MARK}."
    send(
        "signals",
        *(signal for one in (good, theirs, talk) for signal in vote(one, "thumbs_up", "ada", "ben", "eve")),
        *(signal for one in (bad, hers, waiting) for signal in vote(one, "thumbs_down", "ada", "ben", "eve")),
        *vote(edited, "edit", USER, edited_response=correction),
        *vote(theirs, "thumbs_up", USER, comment=f"{MARK} agrees"),
        *vote(bad, "report", USER, comment=f"{MARK} objects"),
        *vote(hers, "label", USER, value="too_short"),
        {"session_id": SESSION, "type": "rating", "value": 3, "user_id": USER, "comment": f"{MARK} was here"},
        {"event_id": str(uuid.UUID(int=10**9)), "type": "copy", "user_id": USER, "metadata": {"from": MARK}},
    )
    send("scores", {"event_id": good["id"], "name": "graded", "value": 0.5})
    RejectedItemFactory(
        user_hash=hash_person(USER), payload={"prompt": f"{MARK} again", "session_hash": hash_session(SESSION)}
    )


def test_no_table_and_no_file_holds_the_person(api, send, operator, export, kept, running_tasks):
    DeploymentFactory(id="helpdesk", audit_rate=1)
    traffic(send)
    sets = {name: build(api, running_tasks, name) for name in ("approved", "rejected", "draft", "in review")}
    hers = sets["approved"].examples.get(strategy="high_quality", user_hash=hash_person(USER), prompt__contains="May")
    rows.decide(hers, Decision.EDIT, by=operator, edited_response=f"{MARK} looks under Bills.", note=f"{MARK} asks.")
    for name in ("approved", "draft"):
        compared = Comparison.objects.get(curated_set=sets[name], example__user_hash=hash_person("otto"))
        two_events.compare(
            sets[name], compared.example.event_id, compared.other_event_id, ComparisonVerdict.A, by=operator
        )
    approval.approve(sets["approved"].pk, by=operator)
    approval.reject(sets["rejected"].pk, by=operator, note="Too few.")
    approval.submit(sets["in review"].pk, by=operator)
    golden.mark(sets["draft"].pk, bulk.Where(SetPart.EXAMPLES), name="core", expected=1, by=operator)
    golden_row = GoldenRow.objects.get()
    assert golden_row.editor_hash == hash_person(USER)
    gate = GateRunFactory(golden_set=golden_row.golden_set)
    GateAnswer.objects.create(gate=gate, row=golden_row, side="current", outcome="answered", response=f"{MARK} can.")
    for export_format, encoding in ENCODINGS.items():
        for product in encoding.products:
            export(sets["approved"], export_format, product=product.name)
    examples, pairs = (
        CuratedExample.objects.of_people([hash_person(USER)]),
        CuratedPair.objects.of_people([hash_person(USER)]),
    )
    in_approved = examples.filter(curated_set=sets["approved"])
    assert set(in_approved.values_list("strategy", flat=True)) == {"high_quality", "hard_example", "user_edit"}
    assert in_approved.queued().exists()
    assert {
        (pair.pair_source, pair.user_hash == hash_person(USER), pair.rejected_user_hash == hash_person(USER))
        for pair in pairs.filter(curated_set=sets["approved"])
    } == {
        ("votes", True, False),
        ("votes", False, True),
        ("edit", False, False),
        ("review", True, True),
        ("review", False, True),
    }
    secrets = secrets_of(examples, pairs)
    row_hashes = {*in_approved.values_list("row_hash", flat=True)}
    before = {name: places(secret) for name, secret in secrets.items()}
    assert [name for name, found in before.items() if not found] == []

    with running_tasks():
        api.post("/api/v1/erasures", {"user_id": USER}, "json")
    # What these scheduled tasks count again within a minute.
    fill_evidence()
    fold_rollups()

    assert Erasure.objects.get().status == "completed"
    after = {name: places(secret) for name, secret in secrets.items()}
    assert {name: found for name, found in after.items() if found} == {}
    assert {place for row_hash in row_hashes for place in places(row_hash.encode())} == {
        "curation.CuratedExample.row_hash"
    }
    assert sealing.check(CuratedSet.objects.get(pk=sets["approved"].pk)).is_unchanged
    assert kept() == {}
    assert Event.objects.filter(user_hash=hash_person("otto")).count() == 3


def build(api, running_tasks, name):
    body = {"name": name, "strategies": ["user_edit", "high_quality", "hard_example"]}
    with running_tasks():
        answer = api.post("/api/v1/deployments/helpdesk/curated-sets", body, "json")
    return CuratedSet.objects.get(pk=answer.data["id"])


def secrets_of(examples, pairs):
    """What may not remain: her texts, her hashes, and what was computed from either."""
    hashes = {"user": hash_person(USER), "session": hash_session(SESSION), "external id": external_id_hashes(CASE)[0]}
    known = KnownRow.objects.filter(examples__example__in=examples)
    items = ExportItem.objects.filter(example__in=examples) | ExportItem.objects.filter(pair__in=pairs)
    computed = {
        "voter": str(hash_of_user(hash_person(USER))),
        **{f"group {row.group_id}": row.group_id for row in [*examples, *pairs] if row.user_hash == hash_person(USER)},
        **{f"record {key}": key for key in items.values_list("row_sha256", flat=True)},
    }
    signatures = {
        f"{column} of {pk}": bytes(value)
        for column in ("exact_key", "normal_key", "prompt_key", "prompt_signature", "answer_signature")
        for pk, value in known.values_list("pk", column)
    }
    texts = {"text": MARK, **hashes, **computed}
    return {name: text.encode() for name, text in texts.items()} | signatures
