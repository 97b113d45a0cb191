"""Where ClickHouse is, from CLICKHOUSE_URL."""

from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from feedback.stores.base import StoreMisconfigured

PATTERN = "clickhouse://user:password@host:8123/database"
_PORTS = {"clickhouse": 8123, "http": 8123, "https": 8443}
_IN_PROCESS = "chdb://"
_MEMORY = ":memory:"


@dataclass(frozen=True)
class Address:
    """A server with its database, or the folder of an engine in this process. cluster: '' for a single server."""

    interface: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    database: str = "default"
    cluster: str = ""
    path: str = ""

    @property
    def is_in_process(self) -> bool:
        return self.interface == "chdb"

    def __str__(self) -> str:
        """The address without the password, for messages."""
        return self.path if self.is_in_process else f"{self.host}:{self.port}"


def parse(url: str) -> Address:
    """Raises StoreMisconfigured for an invalid address."""
    if not url:
        raise StoreMisconfigured(f"EVENT_STORE is clickhouse, but CLICKHOUSE_URL is empty. Set it to {PATTERN}.")
    if url.startswith(_IN_PROCESS):
        return _in_process(unquote(url.removeprefix(_IN_PROCESS)))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise StoreMisconfigured(f"CLICKHOUSE_URL is not a valid address. It looks like {PATTERN}.") from None
    if parts.scheme not in _PORTS:
        raise StoreMisconfigured(f"CLICKHOUSE_URL begins with clickhouse://, https:// or chdb://: {PATTERN}.")
    if not parts.hostname:
        raise StoreMisconfigured(f"CLICKHOUSE_URL names no host. It looks like {PATTERN}.")
    return _server(parts, port)


def _server(parts: SplitResult, port: int | None) -> Address:
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    cluster = options.pop("cluster", "")
    if options:
        raise StoreMisconfigured(
            f"CLICKHOUSE_URL has an unknown option: {', '.join(options)}. The only option is cluster."
        )
    return Address(
        interface="https" if parts.scheme == "https" else "http",
        host=parts.hostname or "",
        port=port or _PORTS[parts.scheme],
        user=unquote(parts.username or "default"),
        password=unquote(parts.password or ""),
        database=unquote(parts.path.strip("/")) or "default",
        cluster=cluster,
    )


def _in_process(path: str) -> Address:
    if path != _MEMORY and not path.startswith("/"):
        raise StoreMisconfigured(
            f"CLICKHOUSE_URL names no path for the engine: chdb:///absolute/path or chdb://{_MEMORY}."
        )
    return Address(interface="chdb", path=path)
