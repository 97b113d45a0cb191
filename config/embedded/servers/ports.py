import socket

from config.embedded.errors import CannotStart

LOOPBACK = "127.0.0.1"
TRIES = 200


def wanted(text: str) -> int:
    """Read a port number that a person wrote."""
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise CannotStart(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def first_free(start: int) -> int:
    """Return the first port from `start` upwards that nobody listens on."""
    for port in range(start, min(start + TRIES, 65_536)):
        if _is_free(port):
            return port
    raise CannotStart(f"No port is free between {start} and {start + TRIES}: set PORT to another one.")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Servers set this too: without it, connections that were closed a moment ago would count as a listener.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen()
        except OSError:
            return False
        return True
