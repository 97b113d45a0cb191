"""Values of the cache as JSON: who can write to the cache's server must not be able to run code here."""

from typing import Any

import orjson


class JsonSerializer:
    """Reads dataclasses back as dicts, and lazy texts as texts; templates do not tell them apart."""

    def dumps(self, value: Any) -> bytes:
        return orjson.dumps(value, default=str)

    def loads(self, data: bytes) -> Any:
        return orjson.loads(data)
