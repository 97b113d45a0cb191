"""What processes have used so far, as Linux tells in /proc."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Fields of /proc/PID/stat, counted from the one after the name.
PARENT, USER_TICKS, CHILDREN_SYSTEM_TICKS = 1, 11, 14


@dataclass(frozen=True)
class Machine:
    """Seconds that all cores together have worked so far, and that they had nothing to do but wait for a disk."""

    busy_seconds: float
    disk_seconds: float

    def since(self, before: "Machine") -> "Machine":
        return Machine(self.busy_seconds - before.busy_seconds, self.disk_seconds - before.disk_seconds)


def machine() -> Machine:
    user, nice, system, _, disk, irq, soft_irq, *_ = map(int, Path("/proc/stat").read_text().split(maxsplit=8)[1:8])
    return Machine((user + nice + system + irq + soft_irq) / TICKS_PER_SECOND, disk / TICKS_PER_SECOND)


def with_descendants(root: int) -> list[int]:
    """The numbers of this process and of all below it."""
    parents = {number: int(fields[PARENT]) for number, fields in _running()}
    found, level = [], {root}
    while level:
        found += sorted(level)
        level = {number for number, parent in parents.items() if parent in level}
    return found


def cpu_seconds(numbers: Iterable[int]) -> float:
    """Seconds of processor time of these processes and of those children of theirs that have ended."""
    ticks = (sum(map(int, _stat(number)[USER_TICKS : CHILDREN_SYSTEM_TICKS + 1])) for number in numbers)
    return sum(ticks) / TICKS_PER_SECOND


def memory_mib(numbers: Iterable[int], *, peak: bool = False) -> float:
    """Resident memory of these processes together: now, or each at its highest."""
    name = "VmHWM:" if peak else "VmRSS:"
    lines = [line for number in numbers for line in _read(number, "status").splitlines() if line.startswith(name)]
    return sum(int(line.split()[1]) for line in lines) / 1_024


def _running() -> Iterator[tuple[int, list[str]]]:
    for entry in os.listdir("/proc"):
        if entry.isdecimal() and (fields := _stat(int(entry))):
            yield int(entry), fields


def _stat(number: int) -> list[str]:
    return _read(number, "stat").rpartition(")")[2].split()


def _read(number: int, name: str) -> str:
    try:
        return Path(f"/proc/{number}/{name}").read_text(errors="replace")
    except OSError:
        return ""
