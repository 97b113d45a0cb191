"""Settings of the web server for `make run` and containers; the address is set on the command line."""

import logging
import signal

from config.embedded.running.launch import end_with_parent

worker_class = "config.web.worker.PatientWorker"
workers = 2
# For pages and the API's reads; ingestion and health checks have threads of their own in config/web/worker.py.
threads = 8
# Below the usual limit of open files.
worker_connections = 800

timeout = 60
graceful_timeout = 15
keepalive = 30

# Workers are replaced one by one, which frees memory that accumulates over time.
max_requests = 20_000
max_requests_jitter = 2_000

# An access log would record users' addresses and grow with traffic; the ledger records each request's outcome.
accesslog = None
errorlog = "-"
control_socket_disable = True


def post_fork(_server, _worker):
    """End a worker with its master: a surviving worker would block the port for graceful_timeout."""
    end_with_parent(signal.SIGTERM)


def _without_request(record: logging.LogRecord) -> bool:
    """Log what is wrong with a request, but not its sender or content, and no traceback of a slow client."""
    message = record.getMessage()
    if record.exc_info and isinstance(record.exc_info[1], TimeoutError):
        record.exc_info = None
    if message.startswith("Error handling request "):
        record.msg, record.args = "Error handling a request", ()
    if message.startswith("Invalid request from ip="):
        record.msg, record.args = f"Invalid request: {message.split(': ')[1]}", ()
    return True


logging.getLogger("gunicorn.error").addFilter(_without_request)
