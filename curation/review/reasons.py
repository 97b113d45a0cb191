"""The reasons to drop a row: those that the console offers, and what a reason says of the answer."""

from curation.models import DropReason

# Of hard examples that are none.
RIGHT_ANSWER = "right_answer"


def in_order() -> list[DropReason]:
    """The reasons of this installation, at most nine, by key."""
    return list(DropReason.objects.order_by("key"))


def says_of_the_answer(reason: str) -> float | None:
    """What a row that is dropped for this reason says of its answer: 0 if it is bad, 1 if it is right, None if nothing.

    Without a reason of the list the answer is bad.
    """
    listed = DropReason.objects.filter(code=reason).first()
    if listed is None:
        return 1.0 if reason == RIGHT_ANSWER else 0.0
    return says(listed)


def says(reason: DropReason) -> float | None:
    """The same of a reason of the list."""
    if reason.code == RIGHT_ANSWER:
        return 1.0
    return 0.0 if reason.is_about_the_answer else None
