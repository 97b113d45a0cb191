"""What the items of one request may cost: bytes of an item, characters of a text, processor time of all together."""

import time
from dataclasses import dataclass, field

from django.conf import settings

from feedback.field_errors import FieldError
from feedback.ingestion.items import InvalidItem, Item
from feedback.ingestion.parsing.bodies import RawItem
from feedback.models import ApiKey

_TEXTS = ("comment", "edited_response")


@dataclass
class Budget:
    """The bounds of one request, whose processor time runs from its creation on; None is no bound."""

    text_characters: int | None = None
    seconds: float | None = None
    began: float = field(default_factory=time.thread_time)

    @classmethod
    def of(cls, key: ApiKey | None) -> "Budget":
        """The budget of a request with this key; a file has as much time as it needs."""
        if key is None:
            return cls()
        texts = settings.PUBLIC_KEY_MAX_TEXT_CHARACTERS if key.is_public else None
        return cls(texts, settings.INGEST_MAX_PROCESSOR_SECONDS)

    def check(self, raw: RawItem) -> None:
        """Raise InvalidItem for an item that is too large, or that comes when the time is used up."""
        if len(raw.data) > settings.INGEST_MAX_ITEM_BYTES:
            message = f"The item has more than {settings.INGEST_MAX_ITEM_BYTES} bytes (INGEST_MAX_ITEM_BYTES)"
            raise InvalidItem([FieldError("", "too_large", message)])
        if self.seconds is not None and time.thread_time() - self.began > self.seconds:
            message = (
                f"The items before this one took the {self.seconds:g} s of processor time that a request may use "
                "(INGEST_MAX_PROCESSOR_SECONDS); send this one again in a request with fewer items"
            )
            raise InvalidItem([FieldError("", "over_budget", message)])

    def check_texts(self, item: Item) -> None:
        """Raise InvalidItem for texts longer than the key may send."""
        if self.text_characters is None:
            return
        message = f"has more than {self.text_characters} characters (PUBLIC_KEY_MAX_TEXT_CHARACTERS)"
        errors = [
            FieldError(name, "too_long", f"{name} {message}")
            for name in _TEXTS
            if len(getattr(item, name, None) or "") > self.text_characters
        ]
        if errors:
            raise InvalidItem(errors)
