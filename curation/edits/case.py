"""What a rule about an edit reads."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from curation.edits.distance import Distance, changed_parts, distance_of
from curation.edits.texts import is_structured, normalised
from curation.edits.verdicts import EditVerdict, Outcome
from feedback.quality.checks.refusal import find_refusal

# From here on an answer is long enough for shares of its characters to say something.
LONG = 40


@dataclass(frozen=True)
class Case:
    """A prompt, the answer to it and the text that a user made of the answer, all without lone surrogates."""

    prompt: str
    original: str
    edited: str
    response_format: str | None = None
    flags_count: bool = True

    @cached_property
    def old(self) -> str:
        return normalised(self.original)

    @cached_property
    def new(self) -> str:
        return normalised(self.edited)

    @cached_property
    def question(self) -> str:
        return normalised(self.prompt)

    @cached_property
    def is_long(self) -> bool:
        return len(self.original.strip()) >= LONG

    @cached_property
    def is_helpful(self) -> bool:
        """Whether the answer is no full refusal."""
        return find_refusal(self.original).extent != "full"

    @cached_property
    def is_comparable(self) -> bool:
        """Whether the answer is long, and more than a refusal, so that a good text has much in common with it."""
        return self.is_long and self.is_helpful

    @cached_property
    def is_structured(self) -> bool:
        return is_structured(self.edited) or is_structured(self.original)

    @cached_property
    def distance(self) -> Distance | None:
        return distance_of(self.old, self.new)

    @cached_property
    def added(self) -> str:
        """What was put before or behind the whole answer, "" if the edit did anything else."""
        if not self.old or not (self.new.startswith(self.old) or self.new.endswith(self.old)):
            return ""
        return changed_parts(self.old, self.new)[1].strip(" .,;:-")


Rule = Callable[[Case], EditVerdict | None]


def rejected(code: str, reason: str) -> EditVerdict:
    """Make a verdict against an edit.

    Parameters
    ----------
    code, reason : str
        As of `EditVerdict`.

    Returns
    -------
    EditVerdict

    Examples
    --------
    >>> rejected("empty", "The edited text has 0 characters.").outcome.value
    'rejected'
    """
    return EditVerdict(Outcome.REJECTED, code, reason)


def queued(code: str, reason: str) -> EditVerdict:
    """Make a verdict that leaves an edit to a person.

    Parameters
    ----------
    code, reason : str
        As of `EditVerdict`.

    Returns
    -------
    EditVerdict

    Examples
    --------
    >>> queued("no_original", "The answer has 0 characters to compare with.").outcome.value
    'queued'
    """
    return EditVerdict(Outcome.QUEUED, code, reason)


def counted(count: int, noun: str) -> str:
    """Write a number with its noun.

    Parameters
    ----------
    count : int
        How many.
    noun : str
        In the singular; its plural ends in s.

    Returns
    -------
    str

    Examples
    --------
    >>> counted(1, "character"), counted(2000, "character")
    ('1 character', '2,000 characters')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
