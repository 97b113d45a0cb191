"""A full disk, as the operating system reports it; the disk itself is not filled."""

import errno
import os
import shutil
import time
from types import SimpleNamespace

import pytest

from config.embedded import room

MIB = 2**20


class Disk:
    """A disk whose free space the test sets; under a quota there is space that this user may not have."""

    def __init__(self):
        self.free, self.is_under_quota = 500 * MIB, False
        self.waited = 0

    def usage(self, _folder):
        return SimpleNamespace(free=self.free)

    def allocate(self, _descriptor, _start, size):
        if self.is_under_quota:
            raise OSError(errno.EDQUOT, "Disk quota exceeded")
        if self.free < size:
            raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def disk(monkeypatch):
    disk = Disk()
    monkeypatch.setattr(shutil, "disk_usage", disk.usage)
    monkeypatch.setattr(os, "posix_fallocate", disk.allocate)
    return disk


def waiting_frees(monkeypatch, disk, steps):
    """Each second of waiting leaves the disk as the next step says."""

    def pause(_seconds):
        disk.waited += 1
        disk.free, disk.is_under_quota = steps.pop(0)

    monkeypatch.setattr(time, "sleep", pause)


def test_a_disk_with_room_is_not_waited_for(disk, tmp_path):
    said = []

    assert room.wait(tmp_path, said.append) is False
    assert said == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("full", "steps"),
    [
        ((0, False), [(0, False), (100 * MIB, False), (128 * MIB, False)]),
        ((63 * MIB, False), [(63 * MIB, False), (200 * MIB, False)]),
        ((500 * MIB, True), [(500 * MIB, True), (500 * MIB, False)]),
    ],
)
def test_a_full_disk_is_waited_for_until_there_is_room(disk, monkeypatch, tmp_path, full, steps):
    disk.free, disk.is_under_quota = full
    seconds = len(steps)
    waiting_frees(monkeypatch, disk, steps)
    said = []

    assert room.is_low(tmp_path)
    assert room.wait(tmp_path, said.append) is True

    assert disk.waited == seconds
    assert said == [
        f"The disk of {tmp_path} is full ({full[0] // MIB} MiB are free), and nothing is accepted that cannot be "
        "written. Free at least 128 MiB; everything continues by itself.",
        "There is room on the disk again: continuing",
    ]
    assert list(tmp_path.iterdir()) == []


def test_another_error_of_the_disk_is_raised(disk, monkeypatch, tmp_path):
    def fail(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "posix_fallocate", fail)

    with pytest.raises(OSError, match="Input/output"):
        room.is_low(tmp_path)
