"""Of several people's edits of one answer, the one that stands for them."""

from curation.edits.choosing import Choice, Edit, choose

__all__ = ["Choice", "Edit", "choose"]
