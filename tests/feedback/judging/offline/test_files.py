"""Events are exported with the rubric, scored elsewhere, and applied line by line, once."""

import json

import pytest
from django.core.management import CommandError, call_command

from feedback.judging.offline import applying
from feedback.models import Deployment, Judge, Judgement, Rollup, RollupDelta
from feedback.removal.removing import remove_events
from feedback.stores import event_store
from tests.feedback.judging.factories import key_of, limited_user
from tests.feedback.scores.sent import event, event_id, send_events

EXPORT = "/api/v1/deployments/helpdesk/judgements/export"
GOOD = {"relevance": 5, "actionability": 4, "tone": 3, "format_ok": True, "overlong": False}

pytestmark = pytest.mark.django_db


@pytest.fixture
def events(api, write_all):
    """Three events."""
    send_events(api, *(event(number) for number in (1, 2, 3)))
    write_all()


@pytest.fixture
def exported(api, events):
    """The lines of an export, without its header."""
    return export(api)[1:]


def export(api, **more):
    answer = api.post(EXPORT, {"rubric": "tip-v1", **more}, format="json")
    assert answer.status_code == 200, answer.data
    return [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]


def apply(api, *lines, query=""):
    body = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    return api.post(f"/api/v1/judgements/apply{query}", body, content_type="application/x-ndjson")


def filled(line, **more):
    return {**line, "answers": GOOD, **more}


def scores(assessor="judge:offline"):
    ids = [event_id(number) for number in (1, 2, 3)]
    return event_store().scores(ids, assessor=assessor).to_pylist()


def test_a_file_says_all_that_is_needed_to_score_it(api, events):
    header, *lines = export(api, sample=2)

    assert header["rubric"]["label"] == "tip-v1"
    assert [one["name"] for one in header["rubric"]["criteria"]] == ["relevance", "actionability", "tone"]
    assert header["rubric"]["prompt"]
    assert (header["rubric"]["lowest"], header["rubric"]["highest"]) == (2, 17)
    assert (header["deployment_id"], header["judge"], header["events"], len(lines)) == ("helpdesk", "offline", 2, 2)
    assert lines[0]["conversation"][-1]["role"] == "user"
    assert lines[0]["answer"]["content"]
    assert lines[0]["answers"] is None
    assert Judgement.objects.filter(status="pending", source="file").count() == 2


def test_an_export_repeated_gives_the_same_events_and_a_larger_one_adds_to_them(api, events):
    first, again = export(api, sample=2)[1:], export(api, sample=2)[1:]
    more = export(api, sample=3)[1:]

    assert first == again
    assert more[:2] == first
    assert len(more) == 3


def test_scores_are_stored_as_judgements_and_in_the_event_store(api, exported):
    answer = apply(api, *(filled(line, rationale="Fine, Ann.", model="a person") for line in exported))

    assert answer.status_code == 200
    assert answer.data == {"applied": 3, "replaced": 0, "unchanged": 0, "unanswered": 0, "rejected": []}
    row = Judgement.objects.first()
    assert (row.status, row.raw, row.score, row.model) == ("judged", 14, pytest.approx(12 / 15), "a person")
    assert [(one["name"], one["raw"], one["minimum"], one["maximum"]) for one in scores()] == [
        ("tip-v1", 14, 2, 17)
    ] * 3
    assert {one["name"]: one["details"]["value"] for one in json.loads(scores()[0]["checks"])} == GOOD


def test_a_rationale_is_masked_also_where_texts_are_stored_as_they_are_sent(api, exported):
    Deployment.objects.filter(pk="helpdesk").update(content_policy="off")

    apply(api, filled(exported[0], rationale="It names ann@example.org."))

    assert "ann@example.org" not in Judgement.objects.get(pk=exported[0]["judgement_id"]).rationale


def test_the_same_file_twice_changes_nothing(api, exported):
    apply(api, *map(filled, exported))
    before = list(Judgement.objects.order_by("pk").values()), scores(), _counted()

    answer = apply(api, *map(filled, exported))

    assert (answer.status_code, answer.data["unchanged"], answer.data["applied"]) == (200, 3, 0)
    assert (list(Judgement.objects.order_by("pk").values()), scores(), _counted()) == before


def test_another_answer_is_rejected_unless_it_may_replace(api, exported):
    apply(api, *map(filled, exported))
    other = filled(exported[0]) | {"answers": GOOD | {"tone": 5}}

    rejected, replaced = apply(api, other), apply(api, other, query="?replace=true")

    assert (rejected.status_code, rejected.data["rejected"][0]["code"]) == (207, "already_judged")
    assert (replaced.status_code, replaced.data["replaced"]) == (200, 1)
    assert sorted(one["raw"] for one in scores()) == [14, 14, 16]


BAD = {
    "unknown id": ({"judgement_id": 999_999}, "judgement_id", "unknown_judgement"),
    "id beyond 64 bits": ({"judgement_id": 2**70}, "judgement_id", "unknown_judgement"),
    "negative id": ({"judgement_id": -1}, "judgement_id", "unknown_judgement"),
    "other event": ({"event_id": event_id(9)}, "event_id", "other_event"),
    "other rubric": ({"rubric": "helpfulness-v1"}, "rubric", "other_rubric"),
    "out of range": ({"answers": GOOD | {"tone": 6}}, "answers.tone", "out_of_range"),
    "missing": ({"answers": {"relevance": 1}}, "answers.actionability", "required"),
    "not a number": ({"answers": GOOD | {"tone": "5"}}, "answers.tone", "invalid"),
    "flag as a number": ({"answers": GOOD | {"overlong": 1}}, "answers.overlong", "invalid"),
    "number as a flag": ({"answers": GOOD | {"tone": True}}, "answers.tone", "invalid"),
    "unknown criterion": ({"answers": GOOD | {"beauty": 1}}, "answers.beauty", "unknown_field"),
    "unknown field": ({"verdict": "good"}, "", "invalid"),
    "answers of a list": ({"answers": [1, 2]}, "", "invalid"),
    "long rationale": ({"rationale": "x" * 10_001}, "rationale", "too_long"),
    "long model": ({"model": "x" * 256}, "model", "too_long"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_line_that_does_not_fit_is_rejected_alone(api, exported, case):
    change, field, code = BAD[case]

    answer = apply(api, filled(exported[0]) | change, filled(exported[1]))

    assert answer.status_code == 207
    assert answer.data["applied"] == 1
    first = answer.data["rejected"][0]
    assert (first["index"], first["field"], first["code"]) == (0, field, code)
    assert len(scores()) == 1


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"not json", "malformed"),
        (b'{"judgement_id": "\xff\xfe"}', "invalid"),
        (b"[1]", "invalid"),
        (b"{}", "invalid"),
        (b"[" * 5_000 + b"]" * 5_000, "too_deep"),
    ],
)
def test_what_is_no_line_is_rejected_alone(api, exported, line, code):
    answer = apply(api, line, filled(exported[1]))

    assert (answer.status_code, answer.data["applied"]) == (207, 1)
    assert answer.data["rejected"][0]["code"] == code


def test_nan_is_no_answer(api, exported):
    nan = json.dumps(filled(exported[0]) | {"answers": GOOD | {"tone": float("nan")}}).encode()

    answer = apply(api, nan, filled(exported[1]))

    assert (answer.data["applied"], answer.data["rejected"][0]["field"]) == (1, "answers.tone")


def test_a_line_that_is_too_long_is_rejected_alone(api, exported, monkeypatch):
    monkeypatch.setattr(applying, "MOST_LINE_BYTES", 2_000)

    answer = apply(api, filled(exported[0], rationale="x" * 2_000), filled(exported[1]))

    assert (answer.data["applied"], answer.data["rejected"][0]["code"]) == (1, "too_long")


def test_of_two_lines_with_one_id_the_first_counts(api, exported):
    other = filled(exported[0]) | {"answers": GOOD | {"tone": 1}}

    answer = apply(api, filled(exported[0]), other, filled(exported[1]))

    assert (answer.data["applied"], answer.data["rejected"][0]["code"]) == (2, "duplicate")
    assert {one["raw"] for one in scores()} == {14}


def test_lines_without_answers_stay_pending(api, exported):
    answer = apply(api, exported[0], filled(exported[1]))

    assert (answer.status_code, answer.data["unanswered"], answer.data["applied"]) == (200, 1, 1)
    assert Judgement.objects.filter(status="pending").count() == 2


def test_a_whole_file_with_its_header_is_applied(api, events):
    header, *lines = export(api)

    assert apply(api, header, *map(filled, lines)).data["applied"] == 3
    assert apply(api, header | {"form_version": 2}, *map(filled, lines)).status_code == 409
    wrong = apply(api, header | {"judge": "other"}, filled(lines[0]))
    assert wrong.data["rejected"][0]["code"] == "other_judge"


def test_a_key_of_another_deployment_neither_exports_nor_applies(api, exported, operator):
    Deployment.objects.create(id="shop")
    stranger = key_of(operator, "shop")

    assert stranger.post(EXPORT, {"rubric": "tip-v1"}, format="json").status_code == 404
    answer = apply(stranger, filled(exported[0]))
    assert (answer.status_code, answer.data["rejected"][0]["code"]) == (207, "unknown_judgement")
    assert scores() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"rubric": "tip-v9"}, 400),
        ({"rubric": "tip-v1", "sample": 0}, 400),
        ({"rubric": "tip-v1", "judge": "With Spaces"}, 400),
        ({"rubric": "tip-v1", "colour": "red"}, 400),
        ({"rubric": "helpfulness-v1"}, 409),
        ({"rubric": "tip-v1", "judge": "online"}, 409),
    ],
)
def test_an_export_that_is_not_possible_stores_nothing(api, exported, body, status):
    rubric = Judge.objects.get().rubric_version
    Judge.objects.create(deployment_id="helpdesk", name="online", rubric_version=rubric, endpoints=["small"])

    assert api.post(EXPORT, body, format="json").status_code == status
    assert Judgement.objects.count() == 3


def test_it_needs_permissions(events, db):
    viewer = limited_user("view_event")

    assert viewer.post(EXPORT, {"rubric": "tip-v1"}, format="json").status_code == 403
    assert apply(viewer, {}).status_code == 403
    assert Judgement.objects.count() == 0


def test_commands_export_and_apply(events, operator, tmp_path, capsys):
    file = tmp_path / "events.jsonl"

    call_command("judge_export", "helpdesk", rubric="tip-v1", sample=2, file=file)
    header, *lines = map(json.loads, file.read_bytes().splitlines())
    file.write_text(
        "\n".join(json.dumps(one) for one in [header, filled(lines[0]), filled(lines[1]) | {"answers": {}}])
    )
    with pytest.raises(CommandError, match="1 lines were rejected"):
        call_command("judge_apply", str(file))

    assert "1 applied" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["events.jsonl"]


def test_events_that_were_removed_are_left_out(api, exported, write_all):
    remove_events([exported[0]["event_id"]])

    assert [line["event_id"] for line in export(api, sample=2)[1:]] == [line["event_id"] for line in exported[1:]]
    answer = apply(api, *map(filled, exported))
    assert (answer.data["applied"], answer.data["rejected"][0]["code"]) == (2, "unknown_judgement")


@pytest.mark.parametrize("batch", [1, 2])
def test_a_batch_that_fails_leaves_a_prefix_that_a_repeat_completes(api, exported, batch, monkeypatch):
    monkeypatch.setattr(applying, "BATCH", batch)
    store, calls = applying._store, []

    def dies(scored):
        calls.append(scored)
        if len(calls) == 2:
            raise KeyboardInterrupt
        store(scored)

    monkeypatch.setattr(applying, "_store", dies)
    with pytest.raises(KeyboardInterrupt):
        apply(api, *map(filled, exported))
    assert (Judgement.objects.filter(status="judged").count(), len(scores())) == (batch, batch)

    answer = apply(api, *map(filled, exported))

    assert (answer.data["unchanged"], answer.data["applied"]) == (batch, 3 - batch)
    assert len(scores()) == 3


def _counted():
    return list(Rollup.objects.order_by("pk").values()), RollupDelta.objects.count()
