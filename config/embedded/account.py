"""The system account that PostgreSQL runs as, because it refuses to run as root."""

import os
import pwd
import shutil
import struct
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from config.embedded.errors import CannotStart

NAME = "pgserver"

# Access control lists as Linux stores them: a version, then entries of tag, permissions and user or group number.
ACL, ACL_VERSION, NO_ID = "system.posix_acl_access", 2, 0xFFFFFFFF
OWNER, NAMED_USER, GROUP, NAMED_GROUP, MASK, OTHERS = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
PASS = 0x01


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int


def run(account: Account | None, command: Sequence[str | Path]) -> subprocess.CompletedProcess:
    """Run a program as this account, or as the present user, in a folder that everybody can enter."""
    change = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    return subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **change)


def ensure() -> Account | None:
    """Return the account for PostgreSQL, making it if it is missing; None means this very user."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        _create()
        entry = pwd.getpwnam(NAME)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _create() -> None:
    program = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/bin/false"]
    made = program and subprocess.run([program, *options, NAME], capture_output=True, text=True, check=False)
    if not made or made.returncode:
        reason = made.stderr.strip() if made else "useradd is missing"
        raise CannotStart(
            f"PostgreSQL does not run as root and the system user {NAME} could not be made ({reason}): "
            "start as an ordinary user instead."
        )


def open_passage(account: Account, folder: Path) -> list[Path]:
    """Let the account, and nobody else, walk to `folder`; return the folders that had to be opened for that."""
    opened = []
    for parent in reversed([folder, *folder.parents]):
        if _can_enter(account, parent):
            continue
        with suppress(OSError):
            _grant_passage(account, parent)
        if not _can_enter(account, parent):
            raise CannotStart(
                f"PostgreSQL does not run as root, and the user {account.name} that it runs as cannot pass through "
                f"{parent}: move the checkout to a folder such as /opt, or start as an ordinary user."
            )
        opened.append(parent)
    return opened


def _can_enter(account: Account, folder: Path) -> bool:
    return run(account, ["/bin/sh", "-c", 'cd "$0"', folder]).returncode == 0


def _grant_passage(account: Account, folder: Path) -> None:
    """Add one entry to the folder's access control list, which opens it to this account alone."""
    entries = _entries(folder)
    entries[NAMED_USER, account.uid] = entries.get((NAMED_USER, account.uid), 0) | PASS
    entries[MASK, NO_ID] = entries.get((MASK, NO_ID), entries[GROUP, NO_ID]) | PASS
    packed = b"".join(struct.pack("<HHI", tag, bits, number) for (tag, number), bits in sorted(entries.items()))
    os.setxattr(folder, ACL, struct.pack("<I", ACL_VERSION) + packed)


def _entries(folder: Path) -> dict[tuple[int, int], int]:
    try:
        stored = os.getxattr(folder, ACL)
    except OSError:
        mode = folder.stat().st_mode
        return {(OWNER, NO_ID): mode >> 6 & 7, (GROUP, NO_ID): mode >> 3 & 7, (OTHERS, NO_ID): mode & 7}
    return {(tag, number): bits for tag, bits, number in struct.iter_unpack("<HHI", stored[4:])}
