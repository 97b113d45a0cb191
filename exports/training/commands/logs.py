"""The output of a command, read in parts. It is the trainer's own and is not masked."""

from dataclasses import dataclass

from exports.models import TrainingRun
from exports.training.commands.folders import folder_of

PART_BYTES = 256 * 1024


@dataclass(frozen=True)
class LogPart:
    """text: the log from `offset` to `next_offset`, in bytes. is_complete: nothing follows."""

    offset: int
    next_offset: int
    text: str
    is_complete: bool


def read(run: TrainingRun, offset: int = 0) -> LogPart:
    """The part of the log that begins at an offset; empty without a log that can be read. Only commands have one."""
    is_over = run.exit_code is not None or not run.is_active
    try:
        with folder_of(run.pk).log.open("rb") as file:
            file.seek(offset)
            data = file.read(PART_BYTES)
            is_at_end = not file.read(1)
    except OSError:
        return LogPart(offset, offset, "", is_complete=is_over)
    data = _whole_characters(data, is_last=is_at_end and is_over)
    next_offset = offset + len(data)
    return LogPart(offset, next_offset, data.decode(errors="replace"), is_complete=is_at_end and is_over)


def _whole_characters(data: bytes, *, is_last: bool) -> bytes:
    """Without a character that is cut at the end, which the next part begins with."""
    if is_last:
        return data
    for length in range(1, min(4, len(data)) + 1):
        byte = data[-length]
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return data[:-length] if needed > length else data
        if byte < 0x80:
            break
    return data
