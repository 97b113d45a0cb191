"""The list of tools that an event declares: read and masked once, however many events repeat it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from msgspec import Raw

from feedback import exact_json
from feedback.choices import ContentPolicy
from feedback.deployments.masking_options import masking_options
from feedback.deployments.policies import Policy
from feedback.field_errors import FieldError, printable
from feedback.ingestion.items import InvalidItem, is_left_out
from feedback.masking import CustomPattern, Options, mask_value
from feedback.stores.schema import Row
from feedback.tools import sets


@dataclass(frozen=True)
class DeclaredTools:
    """The list as it is stored, the digest that names it, and how much was masked in it."""

    text: str = ""
    digest: str = ""
    masked: tuple[tuple[str, int], ...] = ()


NONE = DeclaredTools()
# The key of a row under which a list travels to the store.
TOOLS = "tools"
_CACHED_LISTS = 256
# Longer lists are read anew, so that the cache is bounded in bytes.
_LONGEST_CACHED = 128 * 1024


def read(raw: Raw, policy: Policy) -> DeclaredTools:
    """The tools of an event, masked. Raises InvalidItem."""
    if is_left_out(raw):
        return NONE
    data = bytes(raw)
    options = None if policy.content_policy == ContentPolicy.OFF else masking_options()
    patterns = () if options is None else policy.patterns
    if len(data) > _LONGEST_CACHED:
        return _read(data, patterns, options)
    # The bytes are the key by their digest, so that the cache does not hold them.
    return _cached(_Bytes(data), patterns, options)


class _Bytes:
    """Bytes that are equal if their digests are, and are let go once they have been read."""

    def __init__(self, data: bytes):
        self.data = data
        self._digest = sha256(data).digest()

    def __hash__(self) -> int:
        return hash(self._digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Bytes) and self._digest == other._digest


@lru_cache(maxsize=_CACHED_LISTS)
def _cached(given: _Bytes, patterns: tuple[CustomPattern, ...], options: Options | None) -> DeclaredTools:
    data, given.data = given.data, b""
    return _read(data, patterns, options)


def _read(data: bytes, patterns: tuple[CustomPattern, ...], options: Options | None) -> DeclaredTools:
    try:
        text = sets.encode(sets.read(data))
    except sets.ToolsError as error:
        path = printable(f"tools{error.path}")
        raise InvalidItem([FieldError(path, error.code, f"{path}: {error.message}")]) from None
    counts: dict[str, int] = {}
    if options is not None:
        masked = mask_value(exact_json.decode(text), patterns=patterns, options=options, max_depth=64)
        if masked.counts:
            text, counts = exact_json.encode(masked.value).decode(), masked.counts
    return DeclaredTools(text, sets.digest(text), tuple(sorted(counts.items())))


def names_only(text: str) -> DeclaredTools:
    """The same tools without what is said of them, for a deployment that keeps no texts."""
    names = sets.encode(sets.names_only(sets.decode(text)))
    return DeclaredTools(names, sets.digest(names))


def leave_with_the_first(rows: Sequence[Row]) -> None:
    """Leave each list with the first of the rows of a request that declare it, as it may be long."""
    seen: set[tuple[str, str]] = set()
    for row in rows:
        if TOOLS in row:
            key = row["deployment_id"], row["tools_hash"]
            if key in seen:
                del row[TOOLS]
            seen.add(key)


def give_to_all(rows: Sequence[Row]) -> None:
    """Give each of the rows of a request the list that it declares."""
    lists = lists_of(rows)
    for row in rows:
        if text := lists and lists.get((row["deployment_id"], row.get("tools_hash", ""))):
            row[TOOLS] = text


def lists_of(rows: Sequence[Row]) -> dict[tuple[str, str], str]:
    """The lists that travel with these rows, by deployment and digest."""
    return {(row["deployment_id"], row["tools_hash"]): row[TOOLS] for row in rows if TOOLS in row}
