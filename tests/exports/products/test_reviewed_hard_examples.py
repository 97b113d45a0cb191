"""A hard example with the better answer of a reviewer, from the API to the files."""

import json

import pytest

from curation.choices import Strategy
from curation.review import approval
from tests.curation.factories import CuratedExampleFactory, CuratedSetFactory
from tests.factories import EventFactory

pytestmark = pytest.mark.django_db


def test_an_edited_hard_example_is_an_answer_to_imitate_and_a_pair(api, operator, export, folder):
    curated_set = CuratedSetFactory(strategies=[Strategy.HARD_EXAMPLE], funnel={"gates": {"passed": 1}})
    hard = CuratedExampleFactory(
        curated_set=curated_set,
        event_id=EventFactory().pk,
        strategy=Strategy.HARD_EXAMPLE,
        queue_reason="Probably bad.",
        response="No idea.",
    )
    address = f"/api/v1/curated-sets/{curated_set.pk}/rows/{hard.pk}"
    body = {"decision": "edit", "edited_response": "Open the settings, or write to ann@example.org."}

    assert api.patch(address, body, format="json").status_code == 200
    approval.approve(curated_set.pk, by=operator)

    masked = "Open the settings, or write to [EMAIL]."
    imitated, preferred = (
        json.loads((folder / export(curated_set, product=product).files[0]["path"]).read_text())
        for product in ("sft", "preference")
    )
    assert imitated["messages"][-1]["content"] == masked
    assert (preferred["chosen"][-1]["content"], preferred["rejected"][-1]["content"]) == (masked, "No idea.")
    assert preferred["pair_source"] == "review"
