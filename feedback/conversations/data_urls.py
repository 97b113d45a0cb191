"""Data URLs: their bytes are hashed, and references stand in their place."""

import base64
import binascii
import hashlib
import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

LONG = 1_024
_HEADER = re.compile(r"data:(?P<type>[^;,\s]{0,127})(?P<parameters>(?:;[^;,]{0,255}){0,8}),", re.IGNORECASE)
# JSON may escape a slash.
_IN_TEXT = re.compile(
    r"data:(?P<type>[\w.+/\\-]{0,127})(?:;[\w.+-]{1,50}=[\w.+-]{0,100}){0,8};base64,"
    rf"(?P<data>(?:[A-Za-z0-9+/_-]|\\/){{{LONG},}}={{0,2}})"
)
_TO_STANDARD = str.maketrans("-_", "+/", "\r\n\t \\")
_SHA256 = re.compile("[0-9a-f]{64}")
_SIZE = re.compile("[0-9]{1,15}")


class Contents(NamedTuple):
    """What is known of the bytes of a medium."""

    media_type: str | None = None
    sha256: str | None = None
    size: int | None = None
    is_valid: bool = True


def contents_of(url: str) -> Contents | None:
    """Hash the bytes of a data URL.

    Parameters
    ----------
    url : str

    Returns
    -------
    Contents or None
        Without a hash if it is not valid base64. None if it is no data URL.

    Examples
    --------
    >>> contents_of("data:image/gif;base64,R0lGODlh").size
    6
    >>> contents_of("https://x.example/a.gif")
    """
    header = _HEADER.match(url)
    if header is None:
        return None
    parameters = [one.strip().lower() for one in header["parameters"].split(";")]
    media_type, rest = header["type"].lower() or None, url[header.end() :]
    if "base64" in parameters:
        return hashed(rest)._replace(media_type=media_type)
    if not rest:
        given = dict(one.split("=", 1) for one in parameters if "=" in one)
        sha256, size = given.get("sha256", ""), given.get("size", "")
        return Contents(
            media_type,
            sha256 if _SHA256.fullmatch(sha256) else None,
            int(size) if _SIZE.fullmatch(size) else None,
        )
    data = unquote_to_bytes(rest)
    return Contents(media_type, hashlib.sha256(data).hexdigest(), len(data))


def hashed(text: str) -> Contents:
    """Hash the bytes that base64 stands for.

    Parameters
    ----------
    text : str
        Of either alphabet, with or without padding and line breaks.

    Returns
    -------
    Contents
        Without a hash if it is not base64.

    Examples
    --------
    >>> hashed("QUJD").size, hashed("QUJD!").is_valid
    (3, False)
    """
    standard = text.translate(_TO_STANDARD).rstrip("=")
    try:
        data = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        return Contents(is_valid=False)
    return Contents(None, hashlib.sha256(data).hexdigest(), len(data))


def reference(contents: Contents) -> str:
    """Write an empty data URL whose parameters are the hash and size; it reads back as the same contents.

    Parameters
    ----------
    contents : Contents

    Returns
    -------
    str

    Examples
    --------
    >>> reference(Contents("image/png", "ab12", 6))
    'data:image/png;sha256=ab12;size=6,'
    """
    given = (("sha256", contents.sha256), ("size", contents.size))
    parameters = "".join(f";{name}={value}" for name, value in given if value is not None)
    return f"data:{contents.media_type or ''}{parameters},"


def without_bytes(text: str) -> str:
    """Replace the long data URLs in a text by references.

    Parameters
    ----------
    text : str
        Prose, Markdown, HTML or JSON.

    Returns
    -------
    str
        The text itself if it has none of LONG characters of base64.

    Examples
    --------
    >>> len(without_bytes(f"![A cat](data:image/png;base64,{'QUJD' * 1_000})"))
    107
    """
    return _IN_TEXT.sub(_referred, text) if ";base64," in text else text


def _referred(found: re.Match[str]) -> str:
    contents = hashed(found["data"])
    return reference(contents._replace(media_type=found["type"])) if contents.is_valid else found.group()
