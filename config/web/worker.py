"""The web server's worker: silent clients hold no thread, and each kind of request has threads of its own."""

import errno
import json
import selectors
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from gunicorn.workers.gthread import ThreadWorker

from config.web.connections import HEAD_SECONDS, Connection

EVENTS_PATH, SIGNALS_PATH = "/api/v1/events", "/api/v1/signals"
HEALTH_PATHS = {"/healthz", "/readyz"}
EVENT_THREADS = 4
# Public keys send signals alone, so a flood of them delays no events.
SIGNAL_THREADS = 2
HEALTH_THREADS = 2
# Requests that may wait for a thread of their kind; the next one is told to come again.
MOST_WAITING = 100
RETRY_SECONDS = 2
# So many connections are left for new clients: above, the one that has waited longest without a request is closed.
SPARE_CONNECTIONS = 50


@dataclass
class Lane:
    """The threads of one kind of request, and how many of its requests run or wait."""

    threads: int
    waiting: int = 0
    pool: ThreadPoolExecutor = field(init=False)

    def __post_init__(self):
        self.pool = ThreadPoolExecutor(max_workers=self.threads)

    @property
    def is_full(self) -> bool:
        return self.waiting >= self.threads + MOST_WAITING


class PatientWorker(ThreadWorker):
    """A threaded worker that gathers requests in its event loop."""

    def init_process(self):
        self.events, self.signals, self.health = map(Lane, (EVENT_THREADS, SIGNAL_THREADS, HEALTH_THREADS))
        super().init_process()

    def get_thread_pool(self):
        self.others = Lane(self.cfg.threads)
        return self.others.pool

    def accept(self, listener):
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        self._wait(Connection(self.cfg, client, address, listener.getsockname()))
        if self.nr_conns > self.worker_connections - SPARE_CONNECTIONS:
            self._close_oldest()

    def on_client_socket_readable(self, conn, client):
        """A kept connection has the beginning of another request."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._wait(conn)
        self._gather(conn, client)

    def enqueue_req(self, conn):
        """Give a request to a thread of its kind."""
        if not conn.begun and conn.parser is not None:
            # The client sent it together with the former one.
            conn.begun += conn.parser.unreader.take_buffered()
            if not conn.is_ready():
                self._wait(conn)
                return
        lane = self._lane_of(conn)
        if lane.is_full:
            self._turn_away(conn)
            return
        lane.waiting += 1
        future = lane.pool.submit(self.handle, conn)
        future.add_done_callback(lambda done: self.method_queue.defer(self._finish, lane, conn, done))

    def _finish(self, lane, conn, done):
        lane.waiting -= 1
        self.finish_request(conn, done)

    def _keepalive_after(self, conn, keepalive):
        """A request that never ended is the last one of its connection."""
        return super()._keepalive_after(conn, keepalive and not conn.reader.is_over)

    def _lane_of(self, conn) -> Lane:
        method, path = conn.first_line()
        if path in HEALTH_PATHS:
            return self.health
        if method == "POST" and path == EVENTS_PATH:
            return self.events
        return self.signals if method == "POST" and path == SIGNALS_PATH else self.others

    def _wait(self, conn):
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + HEAD_SECONDS
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._gather, conn))

    def _gather(self, conn, client):
        is_open = conn.receive()
        if is_open and not conn.is_ready():
            return
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        if is_open:
            conn.data_ready = True
            self.enqueue_req(conn)
        else:
            self._close(conn)

    def _close_oldest(self):
        for waiting in (self.pending_conns, self.keepalived_conns):
            if waiting:
                conn = waiting.popleft()
                self.poller.unregister(conn.sock)
                self._close(conn)
                return

    def _close(self, conn):
        self.nr_conns -= 1
        conn.close()

    def _turn_away(self, conn):
        message = "Too many requests wait already; nothing of this one was accepted. Try again later."
        body = json.dumps({"errors": [{"field": "", "code": "busy", "message": message}]}).encode()
        head = (
            "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nConnection: close\r\n"
            f"Retry-After: {RETRY_SECONDS}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            conn.sock.setblocking(False)
            conn.sock.send(head.encode() + body)
        except OSError:
            pass
        self._close(conn)

    def _cap_keepalive(self, deadline):
        """A stopping worker waits no longer for clients that have sent nothing."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            if not conn.begun:
                conn.timeout = min(conn.timeout, deadline)
