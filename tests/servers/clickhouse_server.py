"""A small server in front of ClickHouse's in-process engine, which answers its HTTP interface as clients need it.

One process at a time may open the engine's folder; through this one several share it. Run as a program it serves
FOLDER PORT [USER PASSWORD]; tests start and kill it with `ClickHouseServer`.
"""

import base64
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parents[2]
_INSERT = re.compile(rb"\s*(INSERT INTO .*?) FORMAT (\w+)\n", re.DOTALL)
_FORMAT = re.compile(rb"\bFORMAT\s+(\w+)\s*$")
_CODE = re.compile(r"Code: (\d+)")
# Of the transport, not of the engine.
_NO_SETTINGS = {
    "query",
    "database",
    "query_id",
    "session_id",
    "wait_end_of_query",
    "client_protocol_version",
    "enable_http_compression",
    "send_progress_in_http_headers",
    "http_headers_progress_interval_ms",
    "cancel_http_readonly_queries_on_client_close",
}
_CHUNK = 65_536


class _Interface(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = _CHUNK  # Answers in small pieces wait for each other, 40 ms at a time.
    disable_nagle_algorithm = True

    def handle(self):
        with suppress(ConnectionError):  # Who asked may have gone meanwhile.
            super().handle()

    def do_GET(self):
        self._answer(200, b"Ok.\n")

    def do_POST(self):
        parameters = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if self.server.account and self.headers["Authorization"] != self.server.account:
            self._refuse("Code: 516. DB::Exception: Authentication failed. (AUTHENTICATION_FAILED)")
            return
        query = parameters.get("query", "").encode()
        statement = query + b"\n" + body if query else body
        try:
            result = self.server.run(statement, parameters)
        except RuntimeError as error:
            self._refuse(str(error))
            return
        named = _FORMAT.search(statement)
        is_read = statement.lstrip()[:6].upper() in (b"SELECT", b"SHOW T")
        form = named[1].decode() if named else "TabSeparated" if is_read else ""
        self._answer(200, result, {"X-ClickHouse-Format": form} if form else {})

    def _refuse(self, text):
        code = _CODE.search(text)
        self._answer(500, text.encode(), {"X-ClickHouse-Exception-Code": code[1] if code else "1002"})

    def _answer(self, status, body, headers=None):
        self.send_response(status)
        for name, value in {"X-ClickHouse-Summary": "{}", "Transfer-Encoding": "chunked", **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        for start in range(0, len(body), _CHUNK):
            chunk = body[start : start + _CHUNK]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_arguments):
        """Tests want no log of requests."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, folder, port, user="", password=""):
        super().__init__(("127.0.0.1", port), _Interface)
        import chdb  # noqa: PLC0415 - tests that only start this as a child need no engine themselves.

        self._connect = lambda: chdb.connect(folder)
        self._held = self._connect()  # Without any handle the engine closes.
        self._sessions = threading.local()
        self.account = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode() if password else ""

    def run(self, statement, parameters):
        """Run a statement under its settings; raises RuntimeError with the engine's text."""
        settings = ", ".join(f"{name} = '{parameters[name]}'" for name in sorted(parameters.keys() - _NO_SETTINGS))
        database = parameters.get("database", "default")
        if insert := _INSERT.match(statement):
            return self._insert(self._session(database, ""), insert, statement[insert.end() :], settings)
        return self._session(database, settings).query(statement, "TabSeparated").bytes() or b""

    def _session(self, database, settings):
        """One of this thread, which serves one client: opening one takes longer than most statements."""
        sessions = vars(self._sessions)
        if (database, settings) not in sessions:
            session = self._connect()
            session.query(f"USE `{database}`")
            if settings:
                session.query(f"SET {settings}")
            sessions[database, settings] = session
        return sessions[database, settings]

    def _insert(self, session, insert, data, settings):
        clause = f" SETTINGS {settings}" if settings else ""
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            session.query(f"{insert[1].decode()} FROM INFILE '{file.name}'{clause} FORMAT {insert[2].decode()}")
        return b""


class ClickHouseServer:
    """The program as a child process on one port, for as many lives as a test gives it."""

    def __init__(self, folder, *, user="crucible", password="secret"):
        self.folder, self._user, self._password = str(folder), user, password
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"clickhouse://{user}:{password}@127.0.0.1:{self.port}/default"
        self._child = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_error):
        self.kill()

    def start(self):
        arguments = [self.folder, str(self.port), self._user, self._password]
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.servers.clickhouse_server", *arguments], cwd=ROOT, env=dict(os.environ)
        )
        deadline = time.monotonic() + 30
        while True:
            try:
                urlopen(f"http://127.0.0.1:{self.port}/ping", timeout=1).close()
                return
            except OSError:
                if self._child.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def ids(self, table, deployment_id, *, live=None):
        """The ids that readers find in a table."""
        condition = "" if live is None else f" AND live = {live}"
        return self.query(f"SELECT id FROM {table} FINAL WHERE deployment_id = '{deployment_id}'{condition}").split()

    def query(self, statement):
        """The answer to a statement, as text."""
        account = base64.b64encode(f"{self._user}:{self._password}".encode()).decode()
        request = Request(
            f"http://127.0.0.1:{self.port}/", statement.encode(), headers={"Authorization": f"Basic {account}"}
        )
        with urlopen(request, timeout=30) as answer:
            return answer.read().decode()

    def kill(self):
        """As when the machine fails: nothing is flushed and nobody is told."""
        if self._child:
            self._child.kill()
            self._child.wait()
            self._child = None


if __name__ == "__main__":
    folder, port, *account = sys.argv[1:]
    _Server(folder, int(port), *account).serve_forever()
