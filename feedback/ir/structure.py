"""What all structures of the IR share."""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

# A whole number stays one: 1 is not written as 1.0.
Number = int | float
Options = dict[str, Any]
Instant = Annotated[datetime, Meta(tz=True)]


class Structure(msgspec.Struct, frozen=True):
    """A structure of the IR. Unknown keys are dropped, every field is written, and instants are in UTC."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, datetime) and value.tzinfo not in (None, UTC):
                msgspec.structs.force_setattr(self, name, value.astimezone(UTC))
