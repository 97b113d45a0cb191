"""Why items of a request were rejected, as kept for operators: fields, codes and sentences, no values."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from typing import Any

from feedback.deployments.masking_options import masking_options
from feedback.field_errors import FieldError
from feedback.masking import are_clear

# Different reasons of one request, and characters of each part.
MOST_REASONS = 20
MOST_CHARACTERS = 200
OTHER = FieldError("", "other", "Further reasons, which are not listed")
IN_USE = FieldError("id", "id_in_use", "An item with this id is stored for another deployment")
# The sentences whose messages repeat what was sent.
_SENTENCES = {
    "unknown_field": "This is not a field of the resource",
    "deployment_forbidden": "This API key may not send to the deployment that the item names",
    "malformed": "The item is not JSON in UTF-8",
    "mismatch": "The event belongs to another deployment",
}
_FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_QUOTED = re.compile(r"'[^']*'")
_INDEX = re.compile(r"\[[^\]]*\]|\.\d+")


@dataclass(frozen=True)
class Reason:
    """Why items of a deployment were rejected; '' is the deployment of items that name none that is known."""

    deployment_id: str
    field: str
    code: str
    message: str


Reasons = Counter[Reason]


def gathered(errors: Iterable[tuple[str, FieldError]]) -> Reasons:
    """The reasons of these errors, each with its deployment; MOST_REASONS of them, and one for all others."""
    found: Reasons = Counter()
    for (deployment_id, error), n in Counter(errors).most_common():
        reason = _reason(deployment_id, error if len(found) < MOST_REASONS else OTHER)
        found[reason] += n
    return found


def in_use(counts: Mapping[str, int]) -> Reasons:
    """The reasons of items whose ids belong to other deployments, given how many there are of each deployment."""
    return Counter({_reason(name, IN_USE): n for name, n in counts.items()})


def _reason(deployment_id: str, error: FieldError) -> Reason:
    field = _field(error)
    message = _SENTENCES.get(error.code) or _QUOTED.sub("'…'", error.message)
    if error.field and message.startswith(error.field):
        message = f"{field}{message.removeprefix(error.field)}"
    return Reason(deployment_id, field[:MOST_CHARACTERS], error.code, message[:MOST_CHARACTERS])


def _field(error: FieldError) -> str:
    """The field; positions in lists are left out, and so are unknown names that may be more than a name."""
    if error.code != "unknown_field":
        return _INDEX.sub("[]", error.field)
    is_name = _FIELD_NAME.fullmatch(error.field) and are_clear([error.field], options=masking_options())
    return error.field if is_name else ""


def packed(reasons: Reasons) -> list[list[Any]]:
    return [[*astuple(reason), n] for reason, n in reasons.items()]


def unpacked(rows: Iterable[list[Any]]) -> Reasons:
    return Counter({Reason(*parts): n for *parts, n in rows})
