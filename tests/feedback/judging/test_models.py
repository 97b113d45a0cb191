"""What the database accepts of judges."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from feedback.choices import JudgeExecution, JudgeHedging, JudgeStrategy
from feedback.ir.choices import EnsembleStrategy, ExecutionMode, HedgingStrategy
from feedback.judging import consent
from feedback.models import Deployment, JudgeConsent
from tests.factories import NOON, StaffFactory
from tests.feedback.factories import JudgeFactory, JudgementFactory


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(JudgeStrategy, EnsembleStrategy), (JudgeExecution, ExecutionMode), (JudgeHedging, HedgingStrategy)],
)
def test_names_are_those_of_the_ir(ours, theirs):
    assert set(ours.values) == {one.value for one in theirs}


@pytest.mark.parametrize(
    ("facts", "constraint"),
    [
        ({"name": "Strict"}, "judge_name_valid"),
        ({"name": "a:b"}, "judge_name_valid"),
        ({"endpoints": list("abcdefgh")}, "judge_few_endpoints"),
        ({"strategy": "most"}, "judge_strategy_valid"),
        ({"execution_mode": "random"}, "judge_execution_mode_valid"),
        ({"hedging_strategy": "always"}, "judge_hedging_strategy_valid"),
        ({"sampling": "all"}, "judge_sampling_valid"),
        ({"sampling_rate": 1.5}, "judge_shares_in_range"),
        ({"percentile": 20}, "judge_hedging_in_range"),
        ({"max_per_run": 0}, "judge_bounds_in_range"),
        ({"daily_usd": 0}, "judge_daily_usd_above_0"),
        ({"paused_at": NOON}, "judge_paused_with_a_reason"),
        ({"paused_reason": "Why?"}, "judge_paused_with_a_reason"),
    ],
)
def test_invalid_judges_are_rejected(db, facts, constraint):
    Deployment.objects.create(id="helpdesk")

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        JudgeFactory(**facts)


@pytest.mark.parametrize(
    ("facts", "constraint"),
    [
        ({"status": "judged"}, "judgement_scored_if_judged"),
        ({"score": 0.5}, "judgement_scored_if_judged"),
        ({"status": "judged", "raw": 1, "score": 2, "judged_at": NOON}, "judgement_shares_in_range"),
        ({"status": "failed"}, "judgement_failed_with_a_reason"),
        ({"agreement": 2}, "judgement_shares_in_range"),
        ({"status": "done"}, "judgement_status_valid"),
        ({"source": "mail"}, "judgement_source_valid"),
    ],
)
def test_invalid_judgements_are_rejected(db, facts, constraint):
    Deployment.objects.create(id="helpdesk")
    judge = JudgeFactory()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        JudgementFactory(judge=judge, **facts)


def test_consent_needs_a_permission_and_the_first_one_stays(operator):
    deployment = Deployment.objects.create(id="helpdesk")
    with pytest.raises(PermissionDenied):
        consent.accept(deployment, by=StaffFactory(is_superuser=False))

    consent.accept(deployment, by=operator)
    consent.accept(deployment, by=StaffFactory(username="second"))

    assert consent.of("helpdesk").accepted_by == operator
    assert consent.withdraw(deployment, by=operator)
    assert not consent.withdraw(deployment, by=operator)
    assert not JudgeConsent.objects.exists()
