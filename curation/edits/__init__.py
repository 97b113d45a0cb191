"""Which edits of users are worth learning from: each is judged, and of several of one answer one is chosen."""

from curation.edits.choosing import Choice, Edit, choose
from curation.edits.judging import judge
from curation.edits.verdicts import CODES, EditVerdict, Outcome

__all__ = ["CODES", "Choice", "Edit", "EditVerdict", "Outcome", "choose", "judge"]
