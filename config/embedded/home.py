"""Where one installation keeps its data, logs and secrets."""

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from config.embedded.account import Account
from config.embedded.errors import CannotStart

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Home:
    folder: Path

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def exports(self) -> Path:
        return self.folder / "exports"

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def valkey(self) -> Path:
        return self.folder / "valkey"

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets.env"

    @property
    def runtime(self) -> Path:
        return self.folder / "runtime.env"

    @property
    def port(self) -> Path:
        return self.folder / "port"

    @property
    def sockets(self) -> Path:
        """A short folder, because the path of a Unix socket has room for 107 bytes only."""
        parent = "/tmp" if os.access("/tmp", os.W_OK | os.X_OK) else tempfile.gettempdir()
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        return Path(parent) / f"crucible-{os.geteuid()}-{digest}"

    def make(self, account: Account | None = None) -> None:
        """Make the folders, closed to every user but this one and the account that the database runs as."""
        for folder in (self.folder, self.sockets):
            _make_private(folder, shared_with=account)
        for folder in (self.logs, self.exports, self.valkey):
            _make_private(folder)


def _make_private(folder: Path, shared_with: Account | None = None) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode):
        raise CannotStart(
            f"{folder} belongs to another user (number {found.st_uid}): start as that user, or remove the folder."
        )
    if shared_with:
        os.chown(folder, -1, shared_with.gid)
    folder.chmod(0o710 if shared_with else 0o700)
