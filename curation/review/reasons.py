"""The reasons to drop a row: those that the console offers, and what a reason says of the answer."""

from curation.models import DropReason


def in_order() -> list[DropReason]:
    """The reasons of this installation, at most nine, by key."""
    return list(DropReason.objects.order_by("key"))


def is_about_the_answer(reason: str) -> bool:
    """Whether a row that is dropped for this reason counts as a bad answer; without a reason of the list it does."""
    return not DropReason.objects.filter(code=reason, is_about_the_answer=False).exists()
