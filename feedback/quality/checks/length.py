"""Whether a response is about as long as responses usually are."""

import regex

from feedback.quality.checks.base import Check, Context
from feedback.quality.results import CheckResult

_NAME, _VERSION = "length", "length-3"
# A short answer is often right: "Paris".
_TOO_SHORT = 0.8
_LOWEST_TOO_LONG = 0.4
_CLUSTER = regex.compile(r"\X")
_JOINING = regex.compile(
    r"[\r\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}\p{GCB=Prepend}\p{GCB=L}\p{GCB=V}\p{GCB=T}\p{GCB=Regional_Indicator}]"
)


def judge(prompt: str, response: str, context: Context) -> CheckResult:
    """Judge the length of a response, without the white space around it.

    Parameters
    ----------
    prompt
        Not read.
    response : str
        Any text.
    context : Context
        Bounds of an ordinary response.

    Returns
    -------
    CheckResult
        Score 1 within the bounds, 0.8 below, 0 for an empty response; above, the maximum divided by the length, at
        least 0.4. details: `length`, `min` and `max` in grapheme clusters.

    Examples
    --------
    >>> judge("", "Paris", Context(min_length=20)).score
    0.8
    """
    length = grapheme_count(response.strip())
    details = {"length": length, "min": context.min_length, "max": context.max_length}
    if length < context.min_length:
        return CheckResult(_NAME, _TOO_SHORT if length else 0.0, False, details, _VERSION)
    is_ordinary = length <= context.max_length
    score = 1.0 if is_ordinary else max(_LOWEST_TOO_LONG, context.max_length / length)
    return CheckResult(_NAME, score, is_ordinary, details, _VERSION)


def grapheme_count(text: str) -> int:
    r"""Count what a reader sees as characters.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    int
        Number of extended grapheme clusters.

    References
    ----------
    Unicode Standard Annex 29, "Unicode Text Segmentation".

    Examples
    --------
    >>> grapheme_count("e\u0301"), grapheme_count("a\r\nb")
    (1, 3)
    """
    if text.isascii():
        return len(text) - text.count("\r\n")
    if not _JOINING.search(text):
        return len(text)
    return len(_CLUSTER.findall(text))


LENGTH = Check(_NAME, _VERSION, judge)
