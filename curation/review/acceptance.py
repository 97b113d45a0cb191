"""Acceptance of a set by a random sample of its rows, and what a policy of approval still asks for, in sentences."""

from dataclasses import dataclass

from feedback.statistics.intervals import wilson


@dataclass(frozen=True)
class Sample:
    """A random sample of the rows of a set that no person had picked.

    Attributes
    ----------
    population : int
        The rows that it was drawn from.
    size : int
        Its rows.
    read : int
        Those with a decision of a person.
    bad : int
        Those that were dropped or whose answer was edited.
    """

    population: int
    size: int
    read: int
    bad: int

    @property
    def is_read(self) -> bool:
        return self.read == self.size

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the share of bad rows; None before a row is read."""
        return wilson(self.bad, self.read) if self.read else None

    @property
    def summary(self) -> str:
        """What was read and what it says, as a sentence."""
        if self.interval is None:
            return f"Read 0 of {self.size:,}."
        of = "" if self.is_read else f" of {self.size:,}"
        low, high = (f"{bound:.0%}".rstrip("%") for bound in self.interval)
        share = f"{self.bad / self.read:.0%}".replace("%", " %")
        return f"Read {self.read:,}{of}, estimated {share} bad, 95 % interval {low} to {high}."


def missing_of_sample(sample: Sample, *, max_bad_share: float) -> str:
    """Return what a sample lacks for an approval.

    Parameters
    ----------
    sample : Sample
        As far as it is read.
    max_bad_share : float
        The highest share of bad rows that is allowed, 0 to 1. The upper end of the interval is compared with it.

    Returns
    -------
    str
        A sentence; empty if the set can be approved. A sample of every row needs no bound, because each bad row was
        dropped or edited.

    Examples
    --------
    >>> missing_of_sample(Sample(400, 50, 20, 1), max_bad_share=0.1)
    '30 of the 50 rows of the sample are not read.'
    >>> missing_of_sample(Sample(400, 50, 50, 3), max_bad_share=0.1)
    'Read 50, estimated 6 % bad, 95 % interval 2 to 16. The interval may end at 10 % at most.'
    >>> missing_of_sample(Sample(400, 50, 50, 3), max_bad_share=0.2)
    ''
    >>> missing_of_sample(Sample(9, 9, 9, 9), max_bad_share=0)
    ''
    """
    if not sample.is_read:
        left = sample.size - sample.read
        verb = "is" if left == 1 else "are"
        return f"{left:,} of the {sample.size:,} rows of the sample {verb} not read."
    if sample.size == sample.population or sample.interval is None or sample.interval[1] <= max_bad_share:
        return ""
    return f"{sample.summary} The interval may end at {max_bad_share * 100:g} % at most."


def missing_of_rows(undecided: dict[str, int], *, which: str) -> str:
    """Return which rows lack a decision.

    Parameters
    ----------
    undecided : dict of str to int
        By the plural of their kind: "examples", "pairs".
    which : str
        What they have in common, put behind their kind.

    Returns
    -------
    str
        A sentence; empty if there are none.

    Examples
    --------
    >>> missing_of_rows({"examples": 1_200, "pairs": 1}, which="")
    'No person has decided on 1,200 examples and 1 pair.'
    >>> missing_of_rows({"examples": 2, "pairs": 0}, which=" with p_good below 0.9")
    'No person has decided on 2 examples with p_good below 0.9.'
    >>> missing_of_rows({"examples": 0}, which="")
    ''
    """
    parts = [f"{n:,} {kind.removesuffix('s') if n == 1 else kind}" for kind, n in undecided.items() if n]
    return f"No person has decided on {' and '.join(parts)}{which}." if parts else ""
