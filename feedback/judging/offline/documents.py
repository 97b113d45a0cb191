"""The lines of a file of events to be judged elsewhere: a header with the whole rubric, then one event a line."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from feedback import exact_json
from feedback.rubrics.documents import as_document
from feedback.rubrics.scoring import Rubric, composite_of

FORM = "crucible-judgements"
FORM_VERSION = 1
# What an event of a file has beside its ids and answers; lines that bring it back are read as they are.
SHOWN = ("conversation", "answer")
_HOW = (
    "Fill in `answers` of each line: for each criterion a number from its minimum to its maximum, for each flag true "
    "or false. `rationale` and `model` (who or what scored) are optional. Leave `answers` null to score a line later."
)


def header(
    rubric: Rubric, *, label: str, deployment_id: str, judge: str, events: int, exported_at: datetime
) -> dict[str, Any]:
    """Return the first line of a file.

    Parameters
    ----------
    rubric : Rubric
        Whose whole text stands in the file, so that whoever scores needs nothing else.
    label : str
        Its name and version.
    deployment_id, judge : str
        Whose events these are, and under which name the scores will be stored.
    events : int
        How many lines follow.
    exported_at : datetime
        When the file was made.

    Returns
    -------
    dict
    """
    found = composite_of(rubric)
    return {
        "form": FORM,
        "form_version": FORM_VERSION,
        "deployment_id": deployment_id,
        "judge": judge,
        "rubric": {"label": label, **as_document(rubric), "lowest": found.minimum, "highest": found.maximum},
        "instructions": _HOW,
        "events": events,
        "exported_at": exported_at.isoformat(),
    }


def item(judgement_id: int, event_id: str, label: str, conversation: list[Any], answer: Any) -> dict[str, Any]:
    """Return the line of one event, to be filled in."""
    return {
        "judgement_id": judgement_id,
        "event_id": event_id,
        "rubric": label,
        "conversation": conversation,
        "answer": answer,
        "answers": None,
        "rationale": "",
        "model": "",
    }


def line(document: Mapping[str, Any]) -> bytes:
    """Return a document as one line of JSON."""
    return exact_json.encode(document) + b"\n"


class FilledLine(msgspec.Struct, forbid_unknown_fields=True):
    """One scored event of a file. answers: None if it is not scored yet. conversation and answer are not read."""

    judgement_id: int
    event_id: str
    answers: dict[str, Any] | None = None
    rubric: str = ""
    rationale: str = ""
    model: str = ""
    conversation: msgspec.Raw = msgspec.Raw(b"")
    answer: msgspec.Raw = msgspec.Raw(b"")


class HeaderLine(msgspec.Struct):
    """What is read of the first line of a file."""

    form: str
    form_version: int = FORM_VERSION
    deployment_id: str = ""
    judge: str = ""


FILLED, HEADER = msgspec.json.Decoder(FilledLine), msgspec.json.Decoder(HeaderLine)


def is_header(data: bytes) -> bool:
    """Return whether a line is the header of a file.

    Examples
    --------
    >>> is_header(b'{"form": "crucible-judgements"}'), is_header(b'{"judgement_id": 1}'), is_header(b"")
    (True, False, False)
    """
    try:
        return HEADER.decode(data).form == FORM
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
