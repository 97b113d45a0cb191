"""What every check keeps to. It runs on the shipped checks and on those of QUALITY_CHECKS, so also on yours:

QUALITY_CHECKS='{"polite": "my_module.checks.POLITE"}' pytest tests/feedback/quality/test_check_contract.py
"""

import pytest

from feedback.quality.checks import contract
from feedback.quality.own_checks import own_checks
from feedback.quality.profiles import PROFILES

CHECKS = [
    *(pytest.param(check, id=f"{name}:{check.name}") for name, one in PROFILES.items() for check in one.checks),
    *(pytest.param(guarded.check, id=f"own:{name}") for name, guarded in own_checks().items()),
]


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_keeps_to_the_contract(check):
    assert list(contract.problems(check)) == []
