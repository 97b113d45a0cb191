"""Policies of approval: what people must have decided first, and what an approval releases."""

import pytest

from curation.choices import CuratedSetStatus, Decision, PairSource, Strategy
from curation.models import ApprovalPolicy, CuratedExample, CuratedPair, CuratedSet
from curation.review import rows
from curation.sets import content
from tests.curation.factories import CuratedExampleFactory, CuratedPairFactory, CuratedSetFactory
from tests.curation.review.test_approval import client_of, step, user_with
from tests.factories import DeploymentFactory, EventFactory, UserFactory

pytestmark = pytest.mark.django_db
POLICY = "/api/v1/deployments/helpdesk/approval-policy"


def choose(api, **chosen):
    answer = api.patch(POLICY, chosen, format="json")
    assert answer.status_code == 200
    return answer.data


def a_set(*, examples=4, pairs=2, queued=1, **fields):
    curated_set = CuratedSetFactory(name="weekly", version=1, strategies=["high_quality", "hard_example"], **fields)
    for position in range(examples):
        event = EventFactory(deployment_id="helpdesk")
        CuratedExampleFactory(
            curated_set=curated_set, position=position, event_id=event.pk, p_good=0.9 + position / 100
        )
    for position in range(examples, examples + queued):
        event = EventFactory(deployment_id="helpdesk")
        CuratedExampleFactory(
            curated_set=curated_set,
            position=position,
            event_id=event.pk,
            strategy=Strategy.HARD_EXAMPLE,
            queue_reason="It is bad.",
        )
    for position in range(pairs):
        CuratedPairFactory(curated_set=curated_set, position=position)
    CuratedSet.objects.filter(pk=curated_set.pk).update(**content.counted(curated_set))
    return CuratedSet.objects.get(pk=curated_set.pk)


def decide(operator, found, decision=Decision.KEEP):
    for row in found:
        edited = "A better answer." if decision == Decision.EDIT else ""
        rows.decide(row, decision, by=operator, edited_response=edited)


def release(api, curated_set):
    answer = api.get(f"/api/v1/curated-sets/{curated_set.pk}/release")
    assert answer.status_code == 200
    return answer.data


def refusal(answer):
    assert answer.status_code == 409
    sentence = answer.data["errors"][0]["message"]
    beginning = "The policy of helpdesk does not allow the approval yet. "
    assert sentence.startswith(beginning)
    return sentence.removeprefix(beginning)


def test_without_a_policy_the_decision_on_the_set_is_enough(api):
    curated_set = a_set()

    found = release(api, curated_set)
    approved = step(api, curated_set, "approve")

    policy = found.pop("policy")
    assert (policy["deployment_id"], policy["rule"], policy["changed_by"]) == ("helpdesk", "set", None)
    assert found == {
        "examples": {"high_quality": 4},
        "pairs": {"votes": 2},
        "queue": {"hard_example": 1},
        "dropped": 0,
        "undecided": {"examples": 4, "pairs": 2},
        "sample": None,
        "rows": [],
        "missing": [],
    }
    assert (approved.status_code, approved.data["approved_under"]) == (200, {"rule": "set"})
    assert not ApprovalPolicy.objects.exists()


def test_every_row_that_leaves_may_need_a_decision(api, operator):
    curated_set = a_set()
    choose(api, rule="rows")
    first, *others = curated_set.examples.accepted().in_order()
    decide(operator, [first], Decision.EDIT)

    refused = refusal(step(api, curated_set, "approve"))
    decide(operator, others)
    decide(operator, curated_set.pair_rows.exclude(pair_source=PairSource.REVIEW), Decision.DROP)

    found = release(api, curated_set)
    approved = step(api, curated_set, "approve")
    assert refused == "No person has decided on 3 examples and 2 pairs."
    assert (found["examples"], found["pairs"], found["dropped"]) == ({"high_quality": 4}, {"review": 1}, 2)
    assert (found["undecided"], found["missing"]) == ({"examples": 0, "pairs": 0}, [])
    assert (approved.status_code, approved.data["approved_under"]) == (200, {"rule": "rows"})
    assert [row["decision"] for row in api.get(f"/api/v1/curated-sets/{curated_set.pk}/queue").data["results"]] == [
        "approved"
    ]


def test_examples_below_a_bound_may_need_a_decision(api, operator):
    curated_set = a_set()
    CuratedExample.objects.filter(position=3).update(p_good=None)
    choose(api, rule="below", min_p_good=0.92)

    refused = refusal(step(api, curated_set, "approve"))
    decide(operator, curated_set.examples.filter(position__in=[0, 1, 3]))

    approved = step(api, curated_set, "approve")
    assert refused == "No person has decided on 3 examples with p_good below 0.92 or without one."
    assert (approved.status_code, approved.data["approved_under"]) == (200, {"rule": "below", "min_p_good": 0.92})


def test_a_sample_must_be_read_and_its_interval_decides(api, operator):
    curated_set = a_set(examples=70, pairs=10)
    choose(api, rule="sample", sample_size=50, max_bad_share=0.1)

    drawn = release(api, curated_set)["rows"]
    kinds = {"example": CuratedExample, "pair": CuratedPair}
    sampled = [kinds[row["kind"]].objects.get(pk=row["id"]) for row in drawn]
    decide(operator, sampled[:30])
    unread = refusal(step(api, curated_set, "approve"))
    decide(operator, sampled[30:])
    decide(operator, [row for row in sampled if isinstance(row, CuratedExample)][:3], Decision.DROP)
    found = release(api, curated_set)
    too_many = refusal(step(api, curated_set, "approve"))
    choose(api, max_bad_share=0.17)
    approved = step(api, curated_set, "approve")

    assert (len(drawn), {row["decision"] for row in drawn}) == (50, {None})
    assert [row["id"] for row in found["rows"]] == [row["id"] for row in drawn]
    assert unread == "20 of the 50 rows of the sample are not read."
    assert too_many == "Read 50, estimated 6 % bad, 95 % interval 2 to 16. The interval may end at 10 % at most."
    sample = dict(found["sample"])
    assert [round(bound, 4) for bound in sample.pop("interval")] == [0.0206, 0.1622]
    assert sample == {
        "population": 80,
        "size": 50,
        "read": 50,
        "bad": 3,
        "summary": "Read 50, estimated 6 % bad, 95 % interval 2 to 16.",
    }
    assert found["missing"] == [too_many]
    under = approved.data["approved_under"]
    assert (approved.status_code, under["rule"], under["max_bad_share"], under["bad"]) == (200, "sample", 0.17, 3)
    assert under["rows"] == [row["id"] for row in drawn]


def test_a_sample_of_every_row_needs_no_bound(api, operator):
    curated_set = a_set(examples=3, pairs=0)
    choose(api, rule="sample", sample_size=50, max_bad_share=0.0)

    decide(operator, curated_set.examples.accepted().filter(position__lt=2), Decision.DROP)
    unread = refusal(step(api, curated_set, "approve"))
    decide(operator, curated_set.examples.filter(position=2))

    assert unread == "1 of the 3 rows of the sample is not read."
    assert step(api, curated_set, "approve").status_code == 200


def test_two_sets_with_the_same_seed_have_samples_of_their_own(api):
    first = a_set(examples=40, pairs=0, seed=7)
    second = CuratedSetFactory(name="weekly", version=2, examples=40, seed=7)
    choose(api, rule="sample", sample_size=10)

    positions = [
        [CuratedExample.objects.get(pk=row["id"]).position for row in release(api, one)["rows"]]
        for one in (first, second)
    ]

    assert [len(set(one)) for one in positions] == [10, 10]
    assert positions[0] != positions[1]
    assert positions[0] != sorted(positions[0])


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (CuratedSetStatus.APPROVED, "weekly v1.0.0 of helpdesk is already approved."),
        (CuratedSetStatus.BUILDING, "weekly v1.0.0 of helpdesk has no examples to review. It is still being built."),
    ],
)
def test_only_a_reviewable_set_has_a_dry_run(api, status, message):
    curated_set = CuratedSetFactory(name="weekly", version=1, status=status)
    answer = api.get(f"/api/v1/curated-sets/{curated_set.pk}/release")

    assert (answer.status_code, answer.data["errors"][0]["message"]) == (409, message)


def test_a_policy_is_chosen_with_its_permission_and_kept(api, operator):
    DeploymentFactory(id="helpdesk")
    may, may_not = client_of(user_with("change_approvalpolicy", "view_curatedset")), client_of(user_with())

    refused = may_not.patch(POLICY, {"rule": "rows"}, format="json")
    chosen = may.patch(POLICY, {"rule": "sample", "sample_size": 80}, format="json")
    changed = may.patch(POLICY, {"max_bad_share": 0.05}, format="json")

    assert (refused.status_code, chosen.status_code, changed.status_code) == (403, 200, 200)
    numbers = {name: may.get(POLICY).data[name] for name in ("rule", "sample_size", "max_bad_share", "min_p_good")}
    assert numbers == {"rule": "sample", "sample_size": 80, "max_bad_share": 0.05, "min_p_good": 0.9}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rule": "all"}, "rule"),
        ({"sample_size": 0}, "sample_size"),
        ({"sample_size": 2_001}, "sample_size"),
        ({"max_bad_share": 1.1}, "max_bad_share"),
        ({"min_p_good": -0.1}, "min_p_good"),
        ({"bound": 1}, "bound"),
    ],
)
def test_values_without_meaning_are_rejected(api, body, field):
    DeploymentFactory(id="helpdesk")

    answer = api.patch(POLICY, body, format="json")

    assert (answer.status_code, [error["field"] for error in answer.data["errors"]]) == (400, [field])
    assert not ApprovalPolicy.objects.exists()


@pytest.mark.parametrize(
    ("four_eyes", "reviewers", "expected"),
    [
        (False, ["approver"], 200),
        (True, ["approver"], 403),
        (True, ["other"], 200),
        (True, ["approver", "other"], 200),
        (True, [], 200),
    ],
)
def test_with_four_eyes_no_user_approves_rows_that_only_they_reviewed(settings, four_eyes, reviewers, expected):
    settings.FOUR_EYES = four_eyes
    people = {name: user_with("approve_curatedset", "review_curatedset") for name in ("approver", "other")}
    curated_set = a_set(created_by=UserFactory())
    for name, row in zip(reviewers, curated_set.examples.in_order(), strict=False):
        rows.decide(row, Decision.KEEP, by=people[name])

    answer = step(client_of(people["approver"]), curated_set, "approve")

    assert answer.status_code == expected
    assert CuratedSet.objects.get().status == ("approved" if expected == 200 else "draft")
