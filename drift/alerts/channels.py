"""Validation of alert channels: errors by field, without database access."""

from collections.abc import Iterator, Sequence

from drift.choices import ChannelKind
from feedback.deployments.policies import is_valid_id
from feedback.field_errors import FieldError, printable
from feedback.webhooks.posting import url_problem

SHORTEST_SECRET = 16
MAX_ADDRESSES = 20


def problems(
    kind: str, *, url: str, secret: str, addresses: Sequence[str], deployments: Sequence[str]
) -> Iterator[FieldError]:
    if kind == ChannelKind.WEBHOOK:
        if problem := url_problem(url):
            yield FieldError("url", "invalid", problem)
        if len(secret) < SHORTEST_SECRET:
            message = f"A secret must have at least {SHORTEST_SECRET} characters; use a random one."
            yield FieldError("secret", "too_short", message)
    elif not 1 <= len(addresses) <= MAX_ADDRESSES:
        yield FieldError("addresses", "invalid", f"Enter 1 to {MAX_ADDRESSES} e-mail addresses.")
    for name in deployments:
        if not is_valid_id(name):
            yield FieldError("deployments", "invalid", f"{printable(name)} is not a deployment id.")
