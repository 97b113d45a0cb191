"""A server on the loopback interface that speaks /chat/completions."""

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def completion(text, *, tokens=10, **message):
    """The body of a chat completion."""
    body = {"choices": [{"message": {"role": "assistant", "content": text, **message}}]}
    return json.dumps(body | ({"usage": {"total_tokens": tokens}} if tokens else {})).encode()


@dataclass
class Asked:
    path: str
    headers: dict
    body: dict

    @property
    def prompt(self):
        return self.body["messages"][-1]["content"]


@dataclass
class Served:
    """What one server was asked; `answer` maps a request to (status, headers, body)."""

    url: str
    answer: object
    asked: list[Asked] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def prompts(self):
        return [one.prompt for one in self.asked]


@contextmanager
def served(answer):
    """Serve answers: `answer(asked, served)` gives (status, headers, body), or text for a completion."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked = Asked(self.path, dict(self.headers), body)
            there.asked.append(asked)
            found = there.answer(asked, there)
            status, headers, content = (200, {}, completion(found)) if isinstance(found, str) else found
            try:
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(content))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                self.close_connection = True

        def log_message(self, *arguments):
            """Tests print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    there = Served(f"http://127.0.0.1:{server.server_address[1]}/v1", answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield there
    finally:
        there.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
