"""Assigns rows to train, validation and test by a hash of their group, so that no row ever changes its split."""

import hashlib
from dataclasses import dataclass
from math import isclose

from curation.choices import Split
from feedback.signatures import normal_key


@dataclass(frozen=True)
class Shares:
    """The expected shares of groups in each split; together 1."""

    train: float = 0.9
    validation: float = 0.05
    test: float = 0.05

    def __post_init__(self) -> None:
        parts = self.train, self.validation, self.test
        # Written so that NaN is rejected, too.
        if not (all(part >= 0 for part in parts) and isclose(sum(parts), 1, abs_tol=1e-9)):
            raise ValueError(f"The shares of splits must be at least 0 and add up to 1, not {parts}.")


def group_of(*, session_hash: str, user_hash: str, prompt: str) -> str:
    """Return the group whose rows stay together.

    Parameters
    ----------
    session_hash, user_hash : str
        Hashes of the event; empty if it has none.
    prompt : str
        Its prompt.

    Returns
    -------
    str
        The session, else the user, else the normalised prompt, with its kind: they never name the same group.

    Examples
    --------
    >>> group_of(session_hash="5e55", user_hash="abcd", prompt="Hello")
    'session:5e55'
    >>> group_of(session_hash="", user_hash="abcd", prompt="Hello")
    'user:abcd'
    >>> group_of(session_hash="", user_hash="", prompt="Hello!").startswith("prompt:")
    True
    """
    if session_hash:
        return f"session:{session_hash}"
    return f"user:{user_hash}" if user_hash else f"prompt:{normal_key(prompt).hex()}"


def split_of(group: str, *, salt: str, shares: Shares) -> Split:
    """Return the split of a group.

    Parameters
    ----------
    group : str
        From `group_of`.
    salt : str
        Of a deployment or a name of sets. Another salt gives an independent assignment.
    shares : Shares
        How many groups each split has.

    Returns
    -------
    Split
        The same for the same group, salt and shares, whichever other rows there are. A larger share of validation or
        of test takes groups from train alone, as long as train has them.

    Notes
    -----
    The first eight bytes of SHA-256 of the salt and the group are a number from 0 to 1. Validation has the lowest,
    test the highest. Shares are those of groups: with few or very unequal ones, shares of rows differ.

    Examples
    --------
    >>> [str(split_of(f"user:{number}", salt="helpdesk", shares=Shares(0.5, 0.25, 0.25))) for number in range(5)]
    ['train', 'train', 'test', 'test', 'train']
    """
    digest = hashlib.sha256(f"{salt}\0{group}".encode("utf-8", "surrogatepass")).digest()
    # 53 bits, so that the number is below 1 and exact.
    position = (int.from_bytes(digest[:8], "big") >> 11) / 2**53
    if position < shares.validation:
        return Split.VALIDATION
    return Split.TEST if position >= 1 - shares.test else Split.TRAIN
