"""What /proc tells about running processes; those that are gone or closed to this user have nothing to tell."""

import os
import subprocess
from pathlib import Path


def numbers() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdecimal()]


def name(number: int) -> str:
    return "".join(_read(number, "comm")).strip()


def environment(number: int) -> list[str]:
    return _read(number, "environ")


def arguments(number: int) -> list[str]:
    return _read(number, "cmdline")


def working_folder(number: int) -> str:
    link = f"/proc/{number}/cwd"
    try:
        return os.readlink(link)
    except PermissionError:
        # In many containers not even root may look at another user's process; that user itself may.
        return _as_its_user(number, ["readlink", link])
    except OSError:
        return ""


def _as_its_user(number: int, command: list[str]) -> str:
    try:
        owner = os.stat(f"/proc/{number}").st_uid
        return subprocess.run(command, user=owner, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def _read(number: int, name: str) -> list[str]:
    try:
        return os.fsdecode(Path(f"/proc/{number}/{name}").read_bytes()).split("\0")
    except OSError:
        return []
