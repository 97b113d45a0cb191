"""Preference tuning: the user's edit is chosen, the original answer rejected."""

from collections.abc import Sequence

from curation.choices import Strategy
from exports.choices import LeftOut, Profile
from exports.products import conversations
from exports.products.base import Example, Product, Record


def records(example: Example, profile: Profile) -> Sequence[Record] | LeftOut:
    """Return a pair for an edit of an answer that changes more than white space."""
    if example.strategy != Strategy.USER_EDIT:
        return LeftOut.NO_EDIT
    chosen, rejected = example.edited_response, example.response
    if not chosen.strip() or not rejected.strip():
        return LeftOut.EMPTY_ANSWER
    if chosen.split() == rejected.split():
        return LeftOut.UNCHANGED
    if profile == Profile.CRUCIBLE:
        return [{"prompt": example.prompt, "chosen": chosen, "rejected": rejected}]
    return [
        {
            "prompt": conversations.context(example),
            "chosen": [conversations.turn(chosen)],
            "rejected": [conversations.turn(rejected)],
        }
    ]


PRODUCT = Product("preference", suffix=".preferences", records=records)
