"""How the web server runs, in `make run` and in a container alike; the address is given on the command line."""

import logging
import signal

from config.embedded.running.launch import end_with_parent

worker_class = "gthread"
workers = 2
threads = 8

timeout = 60
graceful_timeout = 15
keepalive = 30

# Workers are replaced one by one, so that memory that a long life gathers is given back.
max_requests = 20_000
max_requests_jitter = 2_000

# An access log would name users' addresses and grow with traffic; what happened to a request is in the ledger.
accesslog = None
errorlog = "-"
control_socket_disable = True


def post_fork(_server, _worker):
    """End a worker with its master: one that lives on would keep the port from the next master for graceful_timeout."""
    end_with_parent(signal.SIGTERM)


def _without_request(record: logging.LogRecord) -> bool:
    """Say what is wrong with a request that is not HTTP, not whose it is nor what stands there, perhaps of a body."""
    said = record.getMessage()
    if said.startswith("Invalid request from ip="):
        record.msg, record.args = f"Invalid request: {said.split(': ')[1]}", ()
    return True


logging.getLogger("gunicorn.error").addFilter(_without_request)
