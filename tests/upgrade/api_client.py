"""A client of the API that knows nothing of the program behind it."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen


@dataclass(frozen=True)
class ApiClient:
    port: int
    key: str

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """The status and body of an answer."""
        request = Request(
            f"http://127.0.0.1:{self.port}/api/v1/{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except HTTPError as refused:
            with refused:
                return refused.code, refused.read()

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The answer as JSON; anything but success fails."""
        status, answer = self.ask(method, path, body)
        assert 200 <= status < 300, f"{method} {path}: {status} {answer[:2_000]!r}"
        return json.loads(answer)

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self.call("POST", path, body)
