"""Searches that are made in many responses at once: one call for all of them, in place of one for each."""

import re
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

# An expression is compiled at each call for many, in the time of some hundred searches.
MANY = 300


def matches(expression: re.Pattern[str], texts: Sequence[str]) -> list[bool]:
    """Tell in which texts an expression is found.

    Parameters
    ----------
    expression : compiled expression of RE2
        What is searched for.
    texts : sequence of str
        Readable texts.

    Returns
    -------
    list of bool
        In the order of the texts.

    Notes
    -----
    From `MANY` texts on, Arrow searches them all in one call; it uses the same library.

    Examples
    --------
    >>> import re2
    >>> matches(re2.compile("a+"), ["baa", "b"])
    [True, False]
    """
    if len(texts) < MANY:
        return [expression.search(text) is not None for text in texts]
    return pc.match_substring_regex(pa.array(texts, pa.large_string()), expression.pattern).to_pylist()
