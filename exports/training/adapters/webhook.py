"""A trainer behind a URL: it gets a signed CloudEvent and reports by itself."""

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, ClassVar

import msgspec
from django.conf import settings

from exports.choices import RunStatus
from exports.training.adapters.base import HandOff, Observed, TrainerFailed
from feedback import exact_json
from feedback.webhooks import posting, signing
from feedback.webhooks.posting import PostFailed, url_problem

REQUESTED, CANCELLED = "crucible.training.requested", "crucible.training.cancelled"
CONTENT_TYPE = "application/cloudevents+json"


class WebhookAdapter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """secret_env: the variable with the secret. private_addresses: whether the trainer may be in a private network."""

    url: str
    secret_env: str
    private_addresses: bool = False

    is_supervised: ClassVar[bool] = False

    def validate(self) -> Iterator[str]:
        if problem := url_problem(self.url):
            yield f"url: {problem}"
        try:
            signing.key_of(self._secret)
        except signing.InvalidSecret as error:
            what = "is not set" if not self._secret else "is not usable"
            yield f"secret_env: the variable {self.secret_env} {what}. {error}"

    def start(self, hand_off: HandOff) -> Observed:
        """Send the request; the run stays pending until the trainer reports."""
        data = asdict(hand_off)
        if data["dataset"] is not None:
            for file in data["dataset"]["files"]:
                del file["local_path"]
        self._send(REQUESTED, hand_off, data)
        return Observed(RunStatus.PENDING)

    def poll(self, hand_off: HandOff) -> None:
        return None

    def cancel(self, hand_off: HandOff) -> None:
        self._send(CANCELLED, hand_off, {"run_id": hand_off.run_id, "deployment": hand_off.deployment})

    @property
    def _secret(self) -> str:
        return os.environ.get(self.secret_env, "")

    def _send(self, kind: str, hand_off: HandOff, data: Mapping[str, Any]) -> None:
        event = event_of(kind, hand_off, data)
        body = exact_json.encode(event)
        try:
            signed = signing.headers(self._secret, message_id=event["id"], timestamp=int(time.time()), body=body)
            headers = {"Content-Type": CONTENT_TYPE, **signed}
            setting = "private_addresses of the trainer in TRAINERS"
            posting.post(self.url, body, headers, private=self.private_addresses, setting=setting)
        except signing.InvalidSecret as error:
            raise TrainerFailed(f"{self.secret_env}: {error}", is_temporary=False) from error
        except PostFailed as failure:
            raise TrainerFailed(str(failure), is_temporary=failure.is_temporary) from failure


def event_of(kind: str, hand_off: HandOff, data: Mapping[str, Any]) -> dict[str, Any]:
    """A CloudEvent 1.0 about a run. Its id is the same in every attempt, by which a receiver knows a repetition."""
    return {
        "specversion": "1.0",
        "id": f"training-run-{hand_off.run_id}-{kind.rpartition('.')[2]}",
        "source": f"{settings.PUBLIC_URL.rstrip('/')}/api/v1/training-runs",
        "type": kind,
        "subject": f"training-runs/{hand_off.run_id}",
        "datacontenttype": "application/json",
        "data": data,
    }
