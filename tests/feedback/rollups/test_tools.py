"""The tools that events called, and the share of events with an invalid call."""

import msgspec

from feedback.conversations.messages import Message, ToolCallBlock
from feedback.measures import measuring
from feedback.models import Deployment, KnownName
from feedback.quality import scoring
from feedback.quality.answers import answer_of
from feedback.rollups import deltas, folding, reading
from feedback.rollups.segments import NAMES_EACH
from feedback.stores.memory import MemoryStore
from tests.feedback.rollups.rolled_up import EVER
from tests.feedback.rollups.scored import used
from tests.feedback.stores.rows import event, score


def called(number, *names, arguments="{}"):
    """An event that called these tools, and its score."""
    message = Message("assistant", [ToolCallBlock(str(index), name, arguments) for index, name in enumerate(names)])
    assessment = scoring.assess("", answer_of(message))
    checks = msgspec.json.encode(assessment.checks).decode()
    row = event(number, quality_score=assessment.score) | {"tools_called": list(names)}
    return row, score(number, score=assessment.score, version=assessment.version, checks=checks)


def counted(*pairs):
    rows, scores = zip(*pairs, strict=True)
    with used(MemoryStore()):
        deltas.add(measuring.measure(rows, deltas.by_event(scores)))
        folding.fold()
        found = reading.histograms(reading.window(*EVER, "helpdesk"))
    return {name: dict(found[name].counts) for name in ("tool_called", "invalid_tool_calls") if name in found}


def test_tools_called_and_invalid_calls_are_counted(db):
    Deployment.objects.create(pk="helpdesk")

    found = counted(
        called(1, "search"),
        called(2, "search", "book", "search"),
        called(3, "book", arguments="oops"),
        called(4),
    )

    assert found == {"tool_called": {"book": 2, "search": 2}, "invalid_tool_calls": {"no": 2, "yes": 1}}


def test_a_deployment_has_so_many_names_of_tools_and_other(db):
    Deployment.objects.create(pk="helpdesk")
    pairs = [called(number, f"tool_{number:03}") for number in range(1, NAMES_EACH + 11)]

    found = counted(*pairs, called(99, "unseen", "unknown"))

    assert len(found["tool_called"]) == NAMES_EACH + 1
    assert found["tool_called"]["other"] == 11
    assert KnownName.objects.filter(deployment_id="helpdesk", field="tool_called").count() == NAMES_EACH
