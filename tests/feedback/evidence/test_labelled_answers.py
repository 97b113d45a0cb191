"""Evidence against answers that are known to be right or wrong, read where they lie beside the repository."""

import numpy as np
import pytest

from benchmarks import evidence, evidence_attacks, labelled_data

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not labelled_data.data_folder().is_dir(), reason="the labelled data is absent"),
]


@pytest.fixture(scope="module")
def answers():
    """The half for tuning: the figures of the other half are for reports alone."""
    return evidence.answers(held_out=False)


def test_honest_votes_tell_right_from_wrong(answers):
    found = evidence.honest(answers, np.random.default_rng(11))

    assert found is not None
    assert found["AUC of p_good"] >= found["AUC of the oracle"] - 0.005
    assert found["AUC of p_good"] >= 0.95
    assert found["AUC when a tenth of users vote in several slots"] >= found["AUC of p_good"] - 0.005
    assert found["expected calibration error of p_good"] <= 0.05
    assert found["share of approval intervals that hold the truth"] >= 0.93
    assert found["width of approval intervals / Jeffreys"] <= 1.1


@pytest.mark.parametrize(
    ("voters", "each", "kind", "gold", "most"),
    [
        (10, 4, "constant", 0, 0.025),
        (3, 4, "constant", 0, 0.045),
        (3, 4, "constant", 200, 0.035),
        (10, 8, "inverse", 0, 0.025),
        (3, 8, "inverse", 200, 0.035),
    ],
)
def test_sybils_cost_little(answers, voters, each, kind, gold, most):
    found = evidence_attacks.attacked(answers, voters, each, kind, gold, np.random.default_rng(11))

    assert found.fitted <= most


@pytest.mark.parametrize(("share", "right"), [(1.0, 0.4), (0.6, 0.2), (0.6, 0.0), (1.0, 0.5)])
def test_hostile_majorities_of_60_percent_are_refused(answers, share, right):
    assert evidence_attacks.hostile(answers, share, right, 0) == (0, 20, 0)
