from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from feedback.masking.json_text.tokens import (
    JsonIn,
    Token,
    encoded,
    find_json,
    in_string,
    is_long_number,
    may_hold_json,
    read_tokens,
)
from feedback.masking.keys import introduce, is_secret, mask_under_key
from feedback.masking.options import DEFAULTS, Options
from feedback.masking.patterns import CustomPattern, find_custom
from feedback.masking.spans import (
    Edit,
    Masked,
    Span,
    apply_edits,
    compose_edits,
    edits_of,
    merge_edits,
    merge_overlaps,
    project_spans,
)
from feedback.masking.text import mask_text, readable, unclear

# JSON in a string of JSON doubles its backslashes at each level, so texts of megabytes have fewer levels.
_MOST_LEVELS = 24
# Each pass may uncover what stood beside the last mask. A text made to need more passes is masked in one piece.
_PASSES = 4


def mask_answer(text: str, *, patterns: Sequence[CustomPattern] = (), options: Options = DEFAULTS) -> Masked:
    """Mask what a model or tool wrote: as JSON if it is or holds JSON, else as text.

    Parameters
    ----------
    text : str
        Any text.
    patterns : sequence of CustomPattern
        What else is replaced.
    options : Options
        What the installation chooses of masking.

    Returns
    -------
    Masked
        The masked text, and the spans of the text before that were replaced.

    Examples
    --------
    >>> mask_answer('{"phone": 4155552671}').text, mask_answer("Call 4155552671").text
    ('{"phone": "[PHONE]"}', 'Call [PHONE]')
    """
    if not may_hold_json(text):
        return mask_text(text, patterns=patterns, options=options)
    return _Splicer(patterns, options).mask(text)


def mask_json_text(text: str, *, patterns: Sequence[CustomPattern] = (), options: Options = DEFAULTS) -> Masked | None:
    """Mask the strings and long whole numbers of a JSON text as mask_value masks them, and keep every other character.

    Parameters
    ----------
    text : str
        A JSON object or array, several of them (JSON lines), or prose with some of them in fenced blocks.
    patterns : sequence of CustomPattern
        What else is replaced.
    options : Options
        What the installation chooses of masking.

    Returns
    -------
    Masked or None
        The masked text, and the spans of the text before that were replaced; a number is replaced by its mask in
        quotes. None if the text holds no JSON object or array.

    Notes
    -----
    JSON stays JSON, also in strings of JSON. Spaces, escapes, the spelling of numbers and the order of keys stay as
    they are. One thing is stronger: a match of a custom pattern that goes beyond a string or number is replaced
    whole, even if what is left is no JSON.

    Examples
    --------
    >>> mask_json_text('{"to":  "eve\\\\u0040example.net", "n": 1.50}').text
    '{"to":  "[EMAIL]", "n": 1.50}'
    >>> mask_json_text("no JSON") is None
    True
    """
    if not may_hold_json(text) or find_json(text) is None:
        return None
    return _Splicer(patterns, options).mask(text)


def texts_in_json(text: str) -> list[str]:
    """Return every text that mask_answer reads in a text, each value behind its key where the key tells what it is.

    Parameters
    ----------
    text : str
        Any text; one that holds no JSON is read as a whole.

    Returns
    -------
    list of str
        Keys and values. If they are clear, mask_answer without patterns changes nothing.

    Examples
    --------
    >>> texts_in_json('{"phone": 4155552671, "note": "caf\\\\u00e9"}')
    ['phone', 'phone: 4155552671', 'note', 'café']
    >>> texts_in_json("Hello")
    ['Hello']
    """
    json = find_json(text) if may_hold_json(text) else None
    if json is None:
        return [text]
    texts: list[str] = []
    _gather(text, json, "", _MOST_LEVELS, texts)
    return texts


def _gather(text: str, json: JsonIn, name: str, levels: int, texts: list[str]) -> None:
    tokens = read_tokens(text, json.ranges)
    for token, read in zip(tokens, _introduced(tokens, name), strict=True):
        inner = find_json(token.text) if levels and may_hold_json(token.text) else None
        if inner is None or len(read) > len(token.text):
            texts.append(read)
        if inner is not None:
            _gather(token.text, inner, _key_of(token, tokens, name), levels - 1, texts)
    if json.has_prose:
        texts.append(introduce(name) + apply_edits(text, _cuts(json)))


def _introduced(tokens: list[Token], name: str) -> list[str]:
    """The text of each token as it is read, behind its key where the key tells what it is."""
    return [token.text if token.is_name else introduce(_key_of(token, tokens, name)) + token.text for token in tokens]


def _key_of(token: Token, tokens: list[Token], name: str) -> str:
    if token.is_name:
        return ""
    return name if token.key < 0 else tokens[token.key].text


def _cuts(json: JsonIn) -> list[Edit]:
    return [Edit(start, end, "", "") for start, end in json.ranges]


@dataclass
class _Names:
    """What the values of one text are read under: their keys as they are masked."""

    tokens: list[Token]
    name: str
    masked: dict[int, str] = field(default_factory=dict)
    taken: dict[int, set[str]] = field(default_factory=dict)
    copies: Counter[tuple[int, str]] = field(default_factory=Counter)

    def key_of(self, token: Token) -> str:
        return self.masked.get(token.key) or _key_of(token, self.tokens, self.name)

    def keep_apart(self, index: int, masked: str) -> str:
        """Note the masked name at an index, and return what is added to it if its object has that name already."""
        siblings = self.tokens[index].siblings
        taken, unique = self._taken(siblings), masked
        while unique in taken:
            self.copies[siblings, masked] += 1
            unique = f"{masked} ({self.copies[siblings, masked] + 1})"
        taken.add(unique)
        self.masked[index] = unique
        return unique[len(masked) :]

    def _taken(self, siblings: int) -> set[str]:
        """The names of an object that are not masked, and those that were noted."""
        if not self.taken:
            for token in self.tokens:
                if token.is_name:
                    self.taken.setdefault(token.siblings, set()).add(token.text)
        return self.taken[siblings]


@dataclass
class _Splicer:
    """Finds the edits that mask a text and leave its JSON as it is otherwise."""

    patterns: Sequence[CustomPattern]
    options: Options
    replacements: dict[str, str] = field(init=False)
    matches: dict[str, list[Edit]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.replacements = {pattern.name: pattern.replacement for pattern in self.patterns}

    def mask(self, text: str) -> Masked:
        edits = self._text(text, "", _MOST_LEVELS)
        for _ in range(_PASSES if self.patterns else 0):
            matches = self._matches(apply_edits(text, edits))
            if not matches:
                return _masked(text, edits)
            edits = compose_edits(edits, matches)
            edits = compose_edits(edits, self._text(apply_edits(text, edits), "", _MOST_LEVELS))
        if self.patterns and edits:
            edits = edits_of([Span(0, len(text), edits[0].kind)], self.replacements)
        return _masked(text, edits)

    def _matches(self, text: str) -> list[Edit]:
        """The matches of patterns. JSON repeats its keys, and often its values."""
        if text not in self.matches:
            self.matches[text] = edits_of(merge_overlaps(find_custom(readable(text), self.patterns)), self.replacements)
        return self.matches[text]

    def _text(self, text: str, name: str, levels: int) -> list[Edit]:
        if levels and may_hold_json(text) and not is_secret(text, name, self.options):
            json = find_json(text)
            if json is not None:
                return self._json(text, json, name, levels - 1)
        masked = mask_under_key(text, name, patterns=self.patterns, options=self.options)
        edits = edits_of(masked.spans, self.replacements)
        # A mask that swallows what made it no JSON leaves JSON.
        json = find_json(masked.text) if edits and levels and may_hold_json(masked.text) else None
        return compose_edits(edits, self._json(masked.text, json, name, levels - 1)) if json else edits

    def _json(self, text: str, json: JsonIn, name: str, levels: int) -> list[Edit]:
        tokens = read_tokens(text, json.ranges, with_every_number=bool(self.patterns))
        candidates = unclear(_introduced(tokens, name), self.options)
        names = _Names(tokens, name)
        edits: list[Edit] = []
        for index, token in enumerate(tokens):
            # A masked key tells something else of its values than the key that was searched with them.
            is_candidate = index in candidates or token.key in names.masked
            if not is_candidate and not self.patterns and not may_hold_json(token.text):
                continue
            if text[token.start] == '"':
                found = self._string(token, names.key_of(token), levels, is_candidate=is_candidate)
                if found and token.is_name:
                    added = names.keep_apart(index, apply_edits(token.text, found))
                    end = len(token.text)
                    found = [*found, Edit(end, end, added, "")] if added else found
                edits += in_string(text, token, found)
            else:
                edits += self._number(token, names.key_of(token))
        return merge_edits([*edits, *self._prose(text, json, name)]) if json.has_prose else edits

    def _string(self, token: Token, key: str, levels: int, *, is_candidate: bool) -> list[Edit]:
        if is_candidate or may_hold_json(token.text):
            return self._text(token.text, key, levels)
        return self._matches(token.text)

    def _number(self, token: Token, name: str) -> list[Edit]:
        """A number that is masked becomes a string. Patterns apply to short numbers and fractions too."""
        edits = self._matches(token.text)
        if is_long_number(token.text):
            masked = mask_under_key(token.text, name, patterns=self.patterns, options=self.options)
            edits = edits_of(masked.spans, self.replacements)
        if not edits:
            return []
        longest = max(edits, key=lambda edit: edit.end - edit.start)
        return [Edit(token.start, token.end, f'"{encoded(apply_edits(token.text, edits))}"', longest.kind)]

    def _prose(self, text: str, json: JsonIn, name: str) -> list[Edit]:
        cuts = _cuts(json)
        prose = apply_edits(text, cuts)
        spans = mask_under_key(prose, name, patterns=self.patterns, options=self.options).spans
        return edits_of(project_spans(spans, cuts), self.replacements)


def _masked(text: str, edits: list[Edit]) -> Masked:
    spans = tuple(Span(edit.start, edit.end, edit.kind) for edit in edits if edit.kind)
    return Masked(apply_edits(text, edits), spans)
