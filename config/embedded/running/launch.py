"""Becomes a program that ends with its parent: `launch.py [OPTIONS] -- PROGRAM ...`.

Run by path with the standard library only, so that it is gone within a few milliseconds.
"""

import argparse
import ctypes
import fcntl
import os
import pwd
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(number: int) -> None:
    """Have the kernel send this signal as soon as the parent is gone, however it went."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder")
    parser.add_argument("--user")
    parser.add_argument("--lock")
    parser.add_argument("--signal", type=int, default=signal.SIGTERM)
    parser.add_argument("program", nargs="+")
    options = parser.parse_args()
    if options.folder:
        os.chdir(options.folder)
    if options.lock:
        _hold(options.lock)
    if options.user:
        _become(options.user)
    end_with_parent(options.signal)  # after the change of user, which clears it
    os.execvp(options.program[0], options.program)


def _hold(path: str) -> None:
    """Lock a file until the program ends, so that a second server on the same data cannot start."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"Another server runs on this data: it holds {path}.")
    os.set_inheritable(descriptor, True)


def _become(name: str) -> None:
    entry = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


if __name__ == "__main__":
    main()
