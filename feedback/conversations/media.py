"""References to media: bytes are hashed and dropped, and URLs lose what gives access."""

import base64
import binascii
import hashlib
import re
from urllib.parse import unquote_to_bytes, urlsplit, urlunsplit

from feedback.conversations.intake import BINARY_CHARACTERS, Fields, Intake, is_binary, is_missing, kind_of
from feedback.conversations.messages import Extra, MediaBlock, MediaKind

MAX_URL_CHARACTERS = 8_192
MEDIA: dict[str, MediaKind] = {
    "image": "image",
    "image_url": "image",
    "input_image": "image",
    "audio": "audio",
    "audio_url": "audio",
    "input_audio": "audio",
    "video": "video",
    "video_url": "video",
    "input_video": "video",
    "file": "file",
    "file_url": "file",
    "input_file": "file",
    "document": "file",
    "blob": "file",
    "uri": "file",
}
_MODALITIES: dict[str, MediaKind] = {"image": "image", "audio": "audio", "video": "video"}
_ROLE_OF_KEY = {
    **dict.fromkeys(("url", "image_url", "video_url", "audio_url", "file_url", "uri", "fileUri", "file_uri"), "url"),
    **dict.fromkeys(("path", "image", "video", "audio"), "url"),
    **dict.fromkeys(("data", "file_data", "base64", "b64_json", "bytes"), "data"),
    **dict.fromkeys(("media_type", "mime_type", "mimeType", "mediaType"), "media_type"),
    **dict.fromkeys(("filename", "name", "title", "displayName", "display_name", "fileName"), "name"),
}
_NESTING = frozenset({*MEDIA, "source", "inlineData", "inline_data", "fileData", "file_data"})
_MEDIA_TYPES = {"mp3": "audio/mpeg"}
# Names of parameters that give access or belong to a signature, whole or as a word of a longer name.
_SECRET = re.compile(
    ".*(?:token|secret|signature|passw|credential|apikey|accesskey).*|"
    "access|appkey|assertion|auth|authorization|bearer|code|cookie|cred|"
    "csrf|expires|expiry|hash|hdnea|hdnts|hm|hmac|jwt|key|keypairid|login|nonce|otp|passcode|"
    "policy|private|pwd|samlresponse|sas|sess|session|sessionid|sid|sig|sign|signed|"
    "sk|ske|skoid|sks|skt|sktid|skv|sip|spr|srt|st|ticket|user|username|verify"
)
_SECRET_PREFIXES = ("x-amz-", "x-goog-", "x-oss-", "x-ms-", "x-cos-", "x-bce-", "q-sign", "q-ak", "q-key")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_DATA_URL = re.compile(r"data:(?P<type>[^;,\s]{0,127})(?P<parameters>(?:;[^;,]{0,255}){0,8}),", re.IGNORECASE)
_TO_STANDARD = str.maketrans("-_", "+/", "\r\n\t ")


def media_block(
    intake: Intake,
    path: str,
    kind: MediaKind,
    *,
    url: str | None = None,
    data: str | None = None,
    media_type: str | None = None,
    name: str | None = None,
    extra: Extra | None = None,
) -> MediaBlock:
    """Refer to a medium that was sent as a URL, as a data URL or as base64.

    Parameters
    ----------
    intake : Intake
        Takes a note if the base64 is none.
    path : str
        Where the medium is in what was sent.
    kind : {"image", "audio", "video", "file"}
        What it is used as.
    url, data : str, optional
        A URL or data URL; base64 with or without the header of a data URL.
    media_type, name : str, optional
        The type and the file name as they were sent.
    extra : dict, optional
        Keys that are not known.

    Returns
    -------
    MediaBlock
        With the hash and size of the bytes, if these were sent, and never with the bytes.

    Examples
    --------
    >>> block = media_block(Intake(), "", "image", url="data:image/gif;base64,R0lGODlh")
    >>> block.media_type, block.size, block.sha256[:8]
    ('image/gif', 6, '610f5ae4')
    """
    if url and not data and len(url) >= BINARY_CHARACTERS and is_binary(url):
        url, data = None, url
    for sent in (data, url):
        if sent and (header := _DATA_URL.match(sent)):
            found = _from_data_url(intake, path, sent, header)
            return MediaBlock(kind, found[0] or media_type, *found[1:], None, name, extra or None)
    if data:
        sha256, size = _hashed(intake, path, data)
        return MediaBlock(kind, media_type, sha256, size, None, name, extra or None)
    return MediaBlock(kind, media_type, None, None, safe_url(url) if url else None, name, extra or None)


def read_media(intake: Intake, fields: Fields, path: str, kind: MediaKind) -> MediaBlock:
    """Read a part that is a medium, wherever its dialect nests the URL or the bytes.

    Parameters
    ----------
    intake : Intake
    fields : dict
        The keys of the part.
    path : str
    kind : {"image", "audio", "video", "file"}

    Returns
    -------
    MediaBlock

    Examples
    --------
    >>> from msgspec import Raw
    >>> fields = {"image_url": Raw(b'{"url": "https://x.example/a.png", "detail": "low"}')}
    >>> read_media(Intake(), fields, "", "image").url
    'https://x.example/a.png'
    """
    if "modality" in fields:
        kind = _MODALITIES.get(intake.unbounded_text(fields["modality"]) or "", kind)
        fields = {"data" if name == "content" else name: raw for name, raw in fields.items() if name != "modality"}
    found, extra = _gathered(intake, fields, path, kind, 0)
    return media_block(intake, path, kind, extra=extra, **found)


def _gathered(intake: Intake, fields: Fields, path: str, kind: MediaKind, depth: int) -> tuple[dict[str, str], Extra]:
    """What describes the medium, from the keys and from the objects under them, and the keys that do not."""
    found: dict[str, str] = {}
    extra: Extra = {}
    rest: Fields = {}
    for key, raw in fields.items():
        if kind_of(raw) == "object" and key in _NESTING and depth < 2:
            inner, inner_extra = _gathered(intake, intake.fields(raw, path), f"{path}.{key}", kind, depth + 1)
            found, extra = inner | found, extra | inner_extra
        elif key == "format" and (text := intake.unbounded_text(raw)):
            found.setdefault("media_type", _MEDIA_TYPES.get(text, f"{kind}/{text[:100]}"))
        elif key in _ROLE_OF_KEY and (text := intake.unbounded_text(raw)) is not None:
            role = _ROLE_OF_KEY[key]
            found.setdefault(role, text if role in {"url", "data"} else text[:255])
        elif not is_missing(raw):
            rest[key] = raw
    return found, extra | intake.extra(rest, {"type"}, path)


def reference_url(block: MediaBlock) -> str:
    """Return a URL that stands for a medium where a dialect needs one.

    Parameters
    ----------
    block : MediaBlock

    Returns
    -------
    str
        Its own URL; without one, an empty data URL whose parameters are the hash and size, which reads back as such.

    Examples
    --------
    >>> reference_url(MediaBlock("image", "image/png", "ab12", 6))
    'data:image/png;sha256=ab12;size=6,'
    """
    if block.url:
        return block.url
    parameters = "".join(
        f";{name}={value}" for name, value in (("sha256", block.sha256), ("size", block.size)) if value is not None
    )
    return f"data:{block.media_type or ''}{parameters},"


def safe_url(url: str) -> str:
    """Remove from a URL what gives access to its target.

    Parameters
    ----------
    url : str

    Returns
    -------
    str
        The URL without user name, password, fragment and the query parameters that hold keys, tokens or signatures.

    Examples
    --------
    >>> safe_url("https://ann:pw@files.example/cat.png?width=20&X-Amz-Signature=0f3c&token=abc")
    'https://files.example/cat.png?width=20'
    """
    try:
        parts = urlsplit(url[:MAX_URL_CHARACTERS])
        host = parts.netloc.rpartition("@")[2]
        if not parts.netloc and parts.scheme not in {"", "file", "gs", "s3"}:
            return f"{parts.scheme}:"
    except ValueError:
        return ""
    query = "&".join(pair for pair in parts.query.split("&") if not _is_secret(pair.partition("=")[0]))
    return urlunsplit((parts.scheme, host, parts.path, query, ""))


def _is_secret(parameter: str) -> bool:
    name = unquote_to_bytes(parameter).decode("utf-8", "replace")
    lower = name.lower()
    if lower.startswith(_SECRET_PREFIXES) or _SECRET.fullmatch(re.sub(r"[^a-z]", "", lower)):
        return True
    return any(_SECRET.fullmatch(word.lower()) for word in _WORDS.findall(name))


def _from_data_url(
    intake: Intake, path: str, url: str, header: re.Match[str]
) -> tuple[str | None, str | None, int | None]:
    parameters = [one.strip().lower() for one in header["parameters"].split(";") if one]
    given = dict(one.split("=", 1) for one in parameters if "=" in one)
    media_type = header["type"].lower() or None
    if "base64" in parameters:
        return media_type, *_hashed(intake, path, url[header.end() :])
    if len(url) == header.end():
        size = given.get("size", "")
        return media_type, given.get("sha256"), int(size) if size.isascii() and size.isdigit() else None
    data = unquote_to_bytes(url[header.end() :])
    return media_type, hashlib.sha256(data).hexdigest(), len(data)


def _hashed(intake: Intake, path: str, text: str) -> tuple[str | None, int | None]:
    """SHA-256 and size of the bytes that base64 stands for."""
    standard = text.translate(_TO_STANDARD).rstrip("=")
    try:
        data = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        intake.note(path, "invalid_base64", "the data is not base64 and was dropped")
        return None, None
    return hashlib.sha256(data).hexdigest(), len(data)
