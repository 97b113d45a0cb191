"""Answers of the API."""

from typing import Any

import orjson
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

from feedback import exact_json

_LIKE_REST_FRAMEWORK = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


class _Encoder(JSONEncoder):
    def encode(self, o: Any) -> str:
        options = _LIKE_REST_FRAMEWORK | (orjson.OPT_INDENT_2 if self.indent else 0)
        return exact_json.dump(o, options=options, default=self.default).decode()


class ExactJson(JSONRenderer):
    """JSON with every number as it was sent, also one beyond 64 bits."""

    encoder_class = _Encoder
