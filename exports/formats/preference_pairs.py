"""Preference tuning: the user's edit is chosen, the original answer rejected."""

from curation.choices import Strategy
from exports.choices import LeftOut, Profile
from exports.formats import conversations
from exports.formats.example import TrainingExample

SUFFIX = ".preferences.jsonl"


def row(example: TrainingExample, profile: Profile) -> dict | LeftOut:
    if example.strategy != Strategy.USER_EDIT:
        return LeftOut.NO_EDIT
    chosen, rejected = example.edited_response, example.response
    if chosen.split() == rejected.split():
        return LeftOut.UNCHANGED
    if profile == Profile.CRUCIBLE:
        return {"prompt": example.prompt, "chosen": chosen, "rejected": rejected}
    return {
        "prompt": conversations.context(example),
        "chosen": [conversations.turn(chosen)],
        "rejected": [conversations.turn(rejected)],
    }
