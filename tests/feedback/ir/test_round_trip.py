"""Any structure, with any values of its fields, is the same after JSON."""

import json

import pytest
from hypothesis import HealthCheck, given, settings

from feedback import ir
from tests.feedback.ir.strategies import structure


@pytest.mark.parametrize("kind", ir.STRUCTURES, ids=lambda kind: kind.__name__)
def test_a_structure_is_the_same_after_json(kind):
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(structure(kind))
    def check(value):
        text = ir.to_json(value)

        assert ir.from_json(text, kind) == value
        assert ir.to_json(ir.from_json(text, kind)) == text
        assert ir.from_map(json.loads(text), kind) == value
        assert list(json.loads(text)) == list(kind.__struct_fields__)
        assert all(isinstance(error, str) for error in ir.validate(value))

    check()
