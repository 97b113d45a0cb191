"""References to media: bytes are hashed and dropped, and URLs lose what gives access."""

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes, urlsplit, urlunsplit

from feedback.conversations.data_urls import Contents, contents_of, hashed, reference
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
    contents = contents_of(data or url or "") or (hashed(data) if data else None)
    if contents is None:
        return MediaBlock(kind, media_type, None, None, safe_url(url) if url else None, name, extra or None)
    if not contents.is_valid:
        intake.note(path, "invalid_base64", "the data is not base64 and was dropped")
    return MediaBlock(
        kind, contents.media_type or media_type, contents.sha256, contents.size, None, name, extra or None
    )


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
    return block.url or reference(Contents(block.media_type, block.sha256, block.size))


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


@lru_cache(maxsize=1_024)
def _is_secret(parameter: str) -> bool:
    name = unquote_to_bytes(parameter).decode("utf-8", "replace")
    lower = name.lower()
    if lower.startswith(_SECRET_PREFIXES) or _SECRET.fullmatch(re.sub(r"[^a-z]", "", lower)):
        return True
    return any(_SECRET.fullmatch(word.lower()) for word in _WORDS.findall(name))
