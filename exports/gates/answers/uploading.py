"""Takes uploaded answers of models that have no endpoint."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec
from django.contrib.auth.models import User
from django.db import transaction

from exports.choices import GateOutcome, GateStatus
from exports.gates.answers import storing
from exports.gates.requesting import NotWaiting, check_permission
from exports.gates.rows import is_uploaded, rows_of
from exports.models import GateAnswer, GateRun
from exports.tasks import run_gate
from feedback.endpoints.replies import MOST_CHARACTERS
from feedback.field_errors import FieldError, printable
from feedback.ingestion.parsing.bodies import RawItem

_BATCH = 500
_Key = tuple[int, str]


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    """One line; a response of null says that the model gave none."""

    row_id: int
    side: Literal["candidate", "current"]
    response: str | None


_DECODER = msgspec.json.Decoder(_Line)


@dataclass
class Uploaded:
    """stored, unchanged: lines. rejected: (index, error) of the others."""

    stored: int = 0
    unchanged: int = 0
    rejected: list[tuple[int, FieldError]] = field(default_factory=list)


def upload(gate_id: int, items: Sequence[RawItem], *, by: User, queue: bool = True) -> Uploaded:
    """Store the answers of these lines; the last one that is needed has a worker compare them.

    A line that was stored before is unchanged. queue: whether a worker compares them, rather than the caller. Raises
    PermissionDenied and NotWaiting.
    """
    check_permission(by)
    gate = GateRun.objects.get(pk=gate_id)
    uploaded = Uploaded()
    lines = [(item.index, _masked(gate, line)) for item in items if (line := _line(item, uploaded))]
    with transaction.atomic():
        gate = GateRun.objects.select_for_update(no_key=True).get(pk=gate_id)
        if gate.status in (GateStatus.FAILED, GateStatus.CANCELLED):
            raise NotWaiting(gate)
        _store(gate, lines, uploaded)
        if gate.status == GateStatus.WAITING and is_uploaded(gate):
            GateRun.objects.filter(pk=gate_id).update(status=GateStatus.RUNNING)
            if queue:
                run_gate.delay_on_commit(gate_id)
    uploaded.rejected.sort(key=lambda rejected: rejected[0])
    return uploaded


def _line(item: RawItem, uploaded: Uploaded) -> _Line | None:
    error = item.error
    if error is None:
        try:
            line = _DECODER.decode(item.data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
            error = FieldError("", "invalid", printable(str(problem), most=300))
        else:
            if line.response is None or len(line.response) <= MOST_CHARACTERS:
                return line
            error = FieldError("response", "too_long", f"An answer has at most {MOST_CHARACTERS:,} characters.")
    uploaded.rejected.append((item.index, error))
    return None


def _masked(gate: GateRun, line: _Line) -> _Line:
    if line.response:
        line.response = storing.masked(gate, line.response.replace("\0", "\ufffd"))
    return line


def _store(gate: GateRun, lines: Sequence[tuple[int, _Line]], uploaded: Uploaded) -> None:
    wanted = {line.row_id for _, line in lines if 0 < line.row_id <= gate.last_row}
    # Deleted rows take their answers with them, so none may follow.
    rows = set(rows_of(gate).filter(pk__in=wanted).select_for_update(no_key=True).values_list("pk", flat=True))
    known = {
        (answer.row_id, answer.side): _text(answer) for answer in GateAnswer.objects.filter(gate=gate, row__in=rows)
    }
    made = []
    for index, line in lines:
        key = line.row_id, line.side
        if error := _problem(gate, rows, line, known):
            uploaded.rejected.append((index, error))
        elif key in known:
            uploaded.unchanged += 1
        else:
            known[key] = line.response
            made.append(_answer(gate, line))
    GateAnswer.objects.bulk_create(made, batch_size=_BATCH)
    uploaded.stored = len(made)


def _answer(gate: GateRun, line: _Line) -> GateAnswer:
    outcome = storing.outcome_of(line.response)
    reason = "Uploaded as missing." if outcome == GateOutcome.MISSING else ""
    return GateAnswer(
        gate=gate, row_id=line.row_id, side=line.side, response=line.response or "", outcome=outcome, reason=reason
    )


def _text(answer: GateAnswer) -> str | None:
    return None if answer.outcome == GateOutcome.MISSING else answer.response


def _problem(gate: GateRun, rows: set[int], line: _Line, known: dict[_Key, str | None]) -> FieldError | None:
    if line.side not in gate.uploaded_sides:
        return FieldError("side", "asked", "The answers of this side come from an endpoint.")
    if line.row_id not in rows:
        return FieldError("row_id", "unknown_row", "The gate has no row with this id.")
    key = line.row_id, line.side
    if key in known:
        is_same = known[key] == line.response
        return None if is_same else FieldError("response", "already_answered", "This row has another answer already.")
    if gate.status == GateStatus.COMPLETED:
        return FieldError("", "completed", "The gate is completed.")
    return None
