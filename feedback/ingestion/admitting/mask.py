"""Masks what one item holds: texts, JSON, names, and the messages of a conversation block by block."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from feedback import exact_json
from feedback.choices import ContentPolicy
from feedback.conversations.messages import Block, Message, ToolResultBlock, rewritten, strings
from feedback.deployments.masking_options import masking_options
from feedback.deployments.policies import Policy
from feedback.hashing import hash_external_id
from feedback.masking import (
    DEFAULTS,
    CustomPattern,
    Masked,
    Options,
    are_clear,
    mask_answer,
    mask_label,
    mask_value,
    texts_in_json,
    texts_of,
)


@dataclass
class Mask:
    """Masks what one item holds, unless its deployment wants it as it is, and counts by kind.

    is_on: whether anything but labels may need masking. masks_labels: whether the deployment has anything masked.
    """

    is_on: bool
    masks_labels: bool
    patterns: tuple[CustomPattern, ...]
    options: Options = DEFAULTS
    counts: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(
        cls,
        policy: Policy,
        texts: Iterable[str | None],
        values: Iterable[Any],
        messages: Iterable[Message] = (),
    ) -> "Mask":
        """The mask for an item with these texts, JSON values and messages; one search clears most items."""
        if policy.content_policy == ContentPolicy.OFF:
            return cls(False, False, ())
        messages = list(messages)
        gathered = [*(text for value in values if value for text in texts_of(value)), *_texts_of_extra(messages)]
        for text in (*filter(None, texts), *strings(messages)):
            gathered += texts_in_json(text)
        options = masking_options()
        is_on = bool(policy.patterns) or not are_clear(gathered, options=options)
        return cls(is_on, True, policy.patterns, options)

    def text(self, text: str | None) -> str:
        """A text, or JSON that stays JSON."""
        if not text or not self.is_on:
            return text or ""
        return self._counted(mask_answer(text, patterns=self.patterns, options=self.options))

    def value(self, value: Any) -> Any:
        if not value or not self.is_on:
            return value
        masked = mask_value(value, patterns=self.patterns, options=self.options)
        if masked.counts:
            self.counts.update(masked.counts)
        return masked.value

    def json(self, value: Any) -> str | None:
        masked = self.value(value)
        return None if masked is None else exact_json.encode(masked).decode()

    def name(self, name: str | None) -> str:
        """A name used for lookups; one that contains personal data is replaced by its keyed hash."""
        return hash_external_id(name) if name and self.text(name) != name else name or ""

    def label(self, label: str | None) -> str:
        """A version, an experiment or the id of a trace, whose bare digits are nobody's."""
        if not label or not self.masks_labels:
            return label or ""
        return self._counted(_masked_label(label, self.patterns, self.options))

    def message(self, message: Message) -> Message:
        return rewritten(message, text=self.text, value=self.value) if self.is_on else message

    def _counted(self, masked: Masked) -> str:
        if masked.spans:
            self.counts.update(span.kind for span in masked.spans)
        return masked.text


@lru_cache(maxsize=4_096)
def _masked_label(label: str, patterns: tuple[CustomPattern, ...], options: Options) -> Masked:
    """Versions and experiments are few and come with every event."""
    return mask_label(label, patterns=patterns, options=options)


def _texts_of_extra(messages: Iterable[Message]) -> Iterator[str]:
    for message in messages:
        yield from texts_of(message.extra) if message.extra else ()
        yield from _texts_of_blocks(message.blocks)


def _texts_of_blocks(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        if block.extra:
            yield from texts_of(block.extra)
        if isinstance(block, ToolResultBlock):
            yield from _texts_of_blocks(block.blocks)
