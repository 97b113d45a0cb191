"""Evidence against answers that are known to be right or wrong, read where they lie beside the repository."""

import numpy as np
import pytest

from benchmarks import evidence, labelled_data

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not labelled_data.data_folder().is_dir(), reason="the labelled data is absent"),
]


@pytest.fixture(scope="module")
def answers():
    return evidence.unseen_answers()


def test_honest_votes_tell_right_from_wrong(answers):
    found = evidence.honest(answers, np.random.default_rng(11))

    assert found["AUC of p_good"] >= found["AUC of the oracle"] - 0.005
    assert found["AUC of p_good"] >= 0.95
    assert found["AUC when a tenth of users vote in several slots"] >= found["AUC of p_good"] - 0.005
    assert found["expected calibration error of p_good"] <= 0.05
    assert found["share of approval intervals that hold the truth"] >= 0.93
    assert found["width of approval intervals / Jeffreys"] <= 1.1


@pytest.mark.parametrize(("voters", "gold", "most"), [(10, 0, 0.025), (3, 0, 0.045), (3, 200, 0.035)])
def test_constant_sybils_cost_little(answers, voters, gold, most):
    with_, without, _ = evidence.attacked(answers, voters, "constant", gold, np.random.default_rng(11))

    assert without - with_ <= most
