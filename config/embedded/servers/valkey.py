"""A Valkey server of this installation, on the loopback address with a password."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import redis

from config.embedded.errors import CannotStart
from config.embedded.home import Home
from config.embedded.servers import binaries
from config.embedded.servers.ports import LOOPBACK

FIRST_PORT = 6390
TELL_AFTER_SECONDS = 5
# An accepted request is on disk before its answer, so every append is synced and nothing is ever evicted.
SETTINGS = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir {folder}
daemonize no
save ""
appendonly yes
appendfsync {sync}
maxmemory-policy noeviction
"""


def url(port: int, password: str) -> str:
    return f"redis://:{password}@{LOOPBACK}:{port}/0"


def is_ours(address: str, password: str) -> bool:
    return address.startswith(f"redis://:{password}@{LOOPBACK}:")


def port_of(address: str) -> int:
    return urlsplit(address).port


@dataclass(frozen=True)
class Valkey:
    home: Home
    port: int
    password: str

    @property
    def lock(self) -> str:
        return str(self.home.valkey / "lock")

    def prepare(self, *, unsafe: bool = False) -> None:
        """Write the configuration; the password stands there because a command line is open to everybody."""
        text = SETTINGS.format(
            port=self.port,
            password=self.password,
            folder=_quoted(str(self.home.valkey)),
            sync="no" if unsafe else "always",
        )
        path = self._configuration
        path.touch(mode=0o600)
        path.write_text(text)

    def command(self) -> list[str]:
        return [str(binaries.valkey()), str(self._configuration)]

    def wait_until_ready(self, *, alive: Callable[[], bool], say: Callable[[str], None]) -> None:
        """Wait as long as the server lives: it may have a long file to load."""
        started = told = time.monotonic()
        with redis.Redis.from_url(url(self.port, self.password), socket_timeout=5) as client:
            while not _answers(client):
                if not alive():
                    raise CannotStart("Valkey did not start")
                if time.monotonic() - told > TELL_AFTER_SECONDS:
                    told = time.monotonic()
                    say(f"Valkey is still loading its data ({told - started:.0f} s)")
                time.sleep(0.1)

    @property
    def _configuration(self) -> Path:
        return self.home.valkey / "valkey.conf"


def _answers(client: redis.Redis) -> bool:
    try:
        return client.ping()
    except redis.RedisError:
        return False


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
