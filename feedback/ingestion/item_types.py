"""The types of fields that events, signals and scores share."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from feedback.identifiers import DEPLOYMENT_ID

MAX_TEXT_CHARACTERS = 1_000_000

Text = Annotated[str, Meta(max_length=MAX_TEXT_CHARACTERS)]
Label = Annotated[str, Meta(max_length=255)]
# 12.0 is 12, as data frames with gaps write it; `decoding` makes a whole number of it.
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)] | Annotated[float, Meta(ge=0, le=2**31 - 1)]
Amount = Annotated[float, Meta(ge=0, le=1e12)]
Instant = Annotated[datetime, Meta(tz=True)]
SignalName = Annotated[str, Meta(min_length=1, max_length=64)]
# An empty id means none: clients send it for anonymous users.
Person = Annotated[str, Meta(max_length=1_000)] | int
ExternalId = Annotated[str, Meta(min_length=1, max_length=255)]
# `items.check` rejects other ids, with a message of its own.
DEPLOYMENT_ID_SCHEMA = {"pattern": f"^{DEPLOYMENT_ID.pattern}$"}
