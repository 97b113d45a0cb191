"""Numbered fits of votes: when they are made, and that all evidence follows the newest one."""

import numpy as np
import pytest

from feedback.choices import Agreement
from feedback.evidence.keeping import checking, filling, refreshing, snapshots
from feedback.evidence.votes import hash_of_user
from feedback.hashing import hash_person
from feedback.models import Deployment, Evidence, EvidenceSnapshot, UserReliability
from feedback.removal import deployments, erasing, retention
from tests.factories import NOON, EventFactory, SignalFactory
from tests.feedback.evidence.keeping.sent import event, event_id, send, signal

VOTERS = [f"{n:064x}" for n in range(30)]


@pytest.fixture
def voted(db):
    """250 events of two versions, 20 % of the good one's and 70 % of the other's are bad; voters are right in four of
    five votes.
    """
    Deployment.objects.create(id="helpdesk")
    random = np.random.default_rng(5)
    for number in range(250):
        version, rate = (("good", 0.8), ("poor", 0.3))[number % 2]
        EventFactory(id=event_id(number + 1), model_version_id=version, prompt=f"What is entry {number}?")
        is_good = random.random() < rate
        for voter in random.choice(VOTERS, 4, replace=False):
            says = is_good == (random.random() < 0.8)
            SignalFactory(event_id=event_id(number + 1), type="thumbs_up" if says else "thumbs_down", user_hash=voter)


def test_a_rebuild_fits_the_votes_and_scores_all_evidence_by_them(voted):
    checking.rebuild("helpdesk")

    snapshot = EvidenceSnapshot.objects.newest_of("helpdesk")
    assert (snapshot.is_fitted, snapshot.agreement, snapshot.events, snapshot.votes) == (
        True,
        Agreement.ENOUGH,
        250,
        1_000,
    )
    rates = {one["model_version_id"]: one["rate"] for one in snapshot.versions}
    assert rates["good"] == pytest.approx(0.8, abs=0.12)
    assert rates["poor"] == pytest.approx(0.3, abs=0.12)
    assert set(Evidence.objects.values_list("snapshot", flat=True)) == {snapshot.pk}
    assert UserReliability.objects.filter(snapshot=snapshot).count() == 30
    assert checking.rebuild("helpdesk", is_check=True).differing == []


def test_new_evidence_is_scored_by_the_newest_snapshot_until_the_next(voted):
    checking.rebuild("helpdesk")
    first = EvidenceSnapshot.objects.newest_of("helpdesk")
    EventFactory(id=event_id(900), model_version_id="good")
    SignalFactory(event_id=event_id(900), user_hash="f" * 64)

    filling.fill_in_batches([event_id(900)])

    row = Evidence.objects.get(pk=event_id(900))
    prior = next(one["log_odds"] for one in first.versions if one["model_version_id"] == "good")
    odds = prior + np.log(first.reliability / (1 - first.reliability))
    assert (row.snapshot_id, row.p_good) == (first.pk, pytest.approx(1 / (1 + np.exp(-odds))))


@pytest.mark.parametrize(("votes", "made"), [(99, 0), (100, 1)])
def test_a_decision_fits_again_when_votes_have_grown_by_a_tenth(voted, votes, made):
    checking.rebuild("helpdesk")
    before = EvidenceSnapshot.objects.count()
    for number in range(votes):
        SignalFactory(event_id=event_id(number + 1), user_hash=f"{number + 500:064x}")
    filling.fill_in_batches([event_id(number + 1) for number in range(votes)])

    refreshing.before_decision("helpdesk")

    assert EvidenceSnapshot.objects.count() - before == made
    newest = EvidenceSnapshot.objects.newest_of("helpdesk").pk
    assert set(Evidence.objects.values_list("snapshot", flat=True)) == {newest}


def test_an_interrupted_scoring_is_finished_by_the_schedule(voted, monkeypatch):
    checking.rebuild("helpdesk")
    with monkeypatch.context() as patch:
        patch.setattr(snapshots, "rescore", lambda deployment_id: 0)
        snapshots.make("helpdesk")
    newest = EvidenceSnapshot.objects.newest_of("helpdesk").pk
    assert Evidence.objects.of_other_snapshots(newest).count() == 250

    refreshing.make_due_snapshots()

    assert Evidence.objects.of_other_snapshots(newest).count() == 0
    assert not UserReliability.objects.exclude(snapshot=newest).exists()


def test_a_check_finds_what_differs(voted):
    checking.rebuild("helpdesk")
    Evidence.objects.filter(pk=event_id(3)).update(up=9)
    Evidence.objects.filter(pk=event_id(5)).delete()
    Evidence.objects.filter(pk=event_id(7)).update(p_good=0.123)

    assert checking.rebuild("helpdesk", is_check=True).differing == [event_id(number) for number in (3, 5, 7)]


def test_an_erased_user_has_no_reliability(api, write_all):
    send(api, "events", *(event(number) for number in range(1, 4)))
    send(api, "signals", *(signal(number, "maria") for number in range(1, 4)))
    write_all()
    filling.work_off()
    snapshot = EvidenceSnapshot.objects.newest_of("helpdesk")
    voter = hash_of_user(hash_person("maria"))
    UserReliability.objects.create(snapshot=snapshot, voter=voter, reliability=0.8, votes=5, gold_votes=0)

    while erasing.erase_some([hash_person("maria")]).more:
        pass

    assert not UserReliability.objects.exists()


def test_a_deleted_deployment_has_no_evidence(voted):
    checking.rebuild("helpdesk")

    while deployments.remove_some("helpdesk"):
        pass
    deployments.remove_records("helpdesk")

    assert (Evidence.objects.count(), EvidenceSnapshot.objects.count()) == (0, 0)


def test_evidence_before_the_retention_goes(voted, time_machine):
    checking.rebuild("helpdesk")
    Deployment.objects.filter(pk="helpdesk").update(retention_days=30)
    time_machine.move_to(NOON.replace(month=7))

    retention.purge()

    assert Evidence.objects.count() == 0
