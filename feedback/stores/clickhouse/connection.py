"""Speaks to ClickHouse: statements, rows as Arrow in both directions, one client for each thread."""

import logging
import os
import threading
import weakref
from collections.abc import Iterator
from uuid import uuid4

import clickhouse_connect
import pyarrow as pa
from clickhouse_connect.driver.client import Client

from feedback.stores.base import StoreMisconfigured
from feedback.stores.clickhouse.address import Address
from feedback.stores.clickhouse.errors import translated

CONNECT_SECONDS = 5
ANSWER_SECONDS = 120
READ_RETRIES = 2
_SETTINGS = {
    # Lists of some ten thousand ids stand in the text of a statement.
    "max_query_size": 64 * 2**20,
    "output_format_arrow_string_as_string": 1,
    "output_format_arrow_low_cardinality_as_dictionary": 0,
    # A statement is done for every reader when it returns, on every replica that is up.
    "mutations_sync": 2,
    "lightweight_deletes_sync": 2,
}
_SERVER_SETTINGS = {
    "max_execution_time": ANSWER_SECONDS,
    "distributed_foreground_insert": 1,
    # A retry goes to the same replica, which has its earlier answers.
    "load_balancing": "in_order",
}
# An unavailable server is reported once, by the caller.
for _name in ("clickhouse_connect", "urllib3.connectionpool"):
    logging.getLogger(_name).setLevel(logging.ERROR)


class Connection:
    """Clients are created on first use, so that a store can be created while ClickHouse is unavailable."""

    def __init__(self, address: Address):
        self.address = address
        self._mine = threading.local()
        self._all: weakref.WeakSet[Client] = weakref.WeakSet()

    def command(self, statement: str, **settings: object) -> None:
        with translated(self.address):
            self._client().command(statement, settings=settings or None)

    def read(self, query: str) -> pa.Table:
        """The whole result of a query; retried if the response ends early."""
        with translated(self.address):
            body = self._client().raw_query(query, fmt="ArrowStream")
            return pa.ipc.open_stream(body).read_all()

    def stream(self, query: str) -> Iterator[pa.RecordBatch]:
        """The result block by block; the engine in this process gives it whole."""
        with translated(self.address):
            # A slow reader, such as a copy, has no time limit.
            settings = None if self.address.is_in_process else {"max_execution_time": 0}
            body = self._client().raw_stream(query, fmt="ArrowStream", settings=settings)
        try:
            with translated(self.address):
                reader = pa.ipc.open_stream(body)
            while True:
                with translated(self.address):
                    batch = next(reader, None)
                if batch is None:
                    return
                yield batch
        finally:
            body.close()

    def insert(self, table: str, rows: pa.Table) -> None:
        """Write rows in one block. Should the client have to send it twice, the server knows it by its token."""
        settings = {"insert_deduplication_token": str(uuid4()), "input_format_null_as_default": 0}
        with translated(self.address, writes_rows=True):
            self._client().insert_arrow(table, rows, settings=settings)

    def close(self) -> None:
        for client in list(self._all):
            client.close()
        self._all.clear()
        self._mine = threading.local()

    def _client(self) -> Client:
        # A forked process has its parent's sockets, which two processes must not share.
        if getattr(self._mine, "process_id", None) != os.getpid():
            self._mine.client = self._connect()
            self._mine.process_id = os.getpid()
            self._all.add(self._mine.client)
        return self._mine.client

    def _connect(self) -> Client:
        if self.address.is_in_process:
            return self._open()
        return clickhouse_connect.get_client(
            interface=self.address.interface,
            host=self.address.host,
            port=self.address.port,
            username=self.address.user,
            password=self.address.password,
            database=self.address.database,
            connect_timeout=CONNECT_SECONDS,
            send_receive_timeout=ANSWER_SECONDS,
            query_retries=READ_RETRIES,
            autogenerate_session_id=False,  # A session allows one statement at a time.
            dedicated_pool=True,
            client_name="crucible-feedback",
            settings=_SETTINGS | _SERVER_SETTINGS,
        )

    def _open(self) -> Client:
        try:
            return clickhouse_connect.get_client(
                interface="chdb", path=self.address.path, database=self.address.database, settings=_SETTINGS
            )
        except ImportError:
            raise StoreMisconfigured(
                "CLICKHOUSE_URL begins with chdb://, but chdb is not installed. `pip install chdb`, or name a server."
            ) from None
