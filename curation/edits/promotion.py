"""Promotion and links in a text."""

import re2

_PHRASES = (
    r"click (?:here|the link|now)",
    r"buy (?:now|cheap|viagra)",
    r"order (?:now|today)",
    r"sign up (?:now|today)",
    r"subscribe (?:to|now)",
    r"(?:check|visit) (?:out )?(?:my|our) (?:website|site|channel|page|blog|profile|link)",
    r"limited(?:-| )time offer",
    r"act now",
    r"free (?:trial|gift|money|shipping|iphone)",
    r"earn (?:money|\$|cash)",
    r"make money",
    r"work from home",
    r"casino",
    r"viagra",
    r"cialis",
    r"payday loan",
    r"crypto (?:giveaway|signals)",
    r"promo ?code",
    r"discount code",
    r"(?:dm|text|whatsapp|call) (?:me|us) (?:on|at|for|now)",
    r"telegram channel",
    r"best price",
    r"100 ?% (?:free|guaranteed)",
    r"risk[- ]free",
    r"follow me on",
    r"use (?:my|code|coupon)",
)
_PROMOTION = re2.compile(rf"(?i)\b(?:{'|'.join(_PHRASES)})\b")
_LINK = re2.compile(
    r"(?i)\b(?:https?://|www\.)[^\s<>\")\]]+"
    r"|\b[a-z0-9-]{2,40}\.(?:com|net|org|io|shop|xyz|ru|info|biz|top|online|site)\b(?:/\S*)?"
)


def promotions_of(text: str) -> list[str]:
    """List the phrases of promotion in a text.

    Parameters
    ----------
    text : str
        Without lone surrogates.

    Returns
    -------
    list of str
        Without regard to case.

    Examples
    --------
    >>> promotions_of("Click here and buy now!")
    ['click here', 'buy now']
    """
    return [match.group().casefold() for match in _PROMOTION.finditer(text)]


def links_of(text: str) -> list[str]:
    """List the addresses of web pages in a text.

    Parameters
    ----------
    text : str
        Without lone surrogates.

    Returns
    -------
    list of str
        In order.

    Examples
    --------
    >>> links_of("See https://example.org/a or example.com.")
    ['https://example.org/a', 'example.com']
    """
    return [match.group() for match in _LINK.finditer(text)]
