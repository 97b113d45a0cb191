"""Room on the disk of an installation: whether there is some, and waiting for it."""

import errno
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

MIB = 2**20
# Below this PostgreSQL and Valkey may end at any write; from twice as much they can recover.
LOW_BYTES = 64 * MIB
LOOK_SECONDS = 1
FULL = (errno.ENOSPC, errno.EDQUOT)


def is_low(folder: Path) -> bool:
    """Whether the disk is full or nearly so, for this user: a quota shows only when something is written."""
    return shutil.disk_usage(folder).free < LOW_BYTES or not _can_write(folder)


def wait(folder: Path, say: Callable[[str], None]) -> bool:
    """Wait while the disk is full, and say so; return whether that was necessary."""
    if not is_low(folder):
        return False
    free = shutil.disk_usage(folder).free // MIB
    say(
        f"The disk of {folder} is full ({free} MiB are free), and nothing is accepted that cannot be written. "
        f"Free at least {2 * LOW_BYTES // MIB} MiB; everything continues by itself."
    )
    while shutil.disk_usage(folder).free < 2 * LOW_BYTES or not _can_write(folder):
        time.sleep(LOOK_SECONDS)
    say("There is room on the disk again: continuing")
    return True


def _can_write(folder: Path) -> bool:
    probe = folder / f"room.{os.getpid()}"
    try:
        with probe.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, MIB)
    except OSError as error:
        if error.errno not in FULL:
            raise
        return False
    finally:
        probe.unlink(missing_ok=True)
    return True
