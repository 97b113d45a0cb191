"""What a reply costs."""

import json

import pytest

from feedback.endpoints import replies
from feedback.endpoints.endpoints import Endpoint


def test_a_cost_is_that_of_questions_and_answers():
    endpoint = Endpoint("http://a", "m", prompt_usd_per_million=2.5, completion_usd_per_million=10)

    assert endpoint.cost_usd(1_000, 100) == pytest.approx(0.0035)
    assert endpoint.has_price
    assert not Endpoint("http://a", "m").has_price


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}, (7, 3)),
        ({"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 30}, (7, 23)),
        ({"prompt_tokens": 7, "total_tokens": 10}, (7, 3)),
        ({"completion_tokens": 3, "total_tokens": 10}, (7, 3)),
        ({"total_tokens": 10}, (10, 0)),
        ({"total_tokens": "10"}, (20, 2)),
        (None, (20, 2)),
    ],
)
def test_tokens_of_question_and_answer_are_told_apart(usage, tokens):
    body = {"choices": [{"message": {"content": "Here."}}], "usage": usage}

    reply = replies.read(json.dumps(body).encode(), asked=20)

    assert (reply.prompt_tokens, reply.completion_tokens) == tokens
    assert reply.tokens == sum(tokens)
