"""Events of three deployments over several days and what users did about them, as clients send them."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

SHOP, CODE, CLINIC, KIOSK = "shop-assistant", "code-helper", "clinic-notes", "kiosk"
DAYS = 5
PLANS, REGIONS = ("free", "team", "enterprise"), ("eu", "us")
ERASED_USER = "user-erased"
# By deployment how it is configured, as the API takes it: the whole document, then what only PATCH takes.
ALL_TYPES = ["thumbs", "correction", "flag", "rating", "label", "regenerate", "copy", "share"]
CONFIGURATIONS = {
    SHOP: {"enabled": True, "feedback_types": ALL_TYPES, "drift_detection": {"window_size": 40}},
    CODE: {"enabled": True, "feedback_types": ALL_TYPES, "sampling_rate": 0.8},
    CLINIC: {"enabled": True, "feedback_types": ALL_TYPES, "options": {"content_policy": "drop"}},
}
CHANGES = {
    SHOP: {
        "segment_keys": ["plan", "region"],
        "masking_patterns": [{"name": "ORDER", "expression": "ORD-[0-9]{6}", "replacement": "[ORDER]"}],
    }
}
SUBJECTS = (
    ("reset my password", "Open Settings, choose Security and follow the link that arrives by mail within a minute."),
    ("return a lamp", "Pack the lamp, print the label from your order page and drop the parcel at any post office."),
    ("change my invoice address", "Under Account you find Invoices; the new address holds for every later invoice."),
    (
        "track order ORD-{number:06d}",
        "It left our warehouse this morning, and the courier expects it by tomorrow noon.",
    ),
    ("join two tables in SQL", "Use a JOIN on the key:\n\n```sql\nSELECT * FROM a JOIN b ON a.id = b.a_id;\n```\n"),
    ("install the app", "1. Open the store.\n2. Search for the app.\n3. Tap Install and wait until it is ready.\n"),
    ("cancel my plan", "I'm sorry, but I can't help with that request."),
    (
        "talk to a person, I am ann@example.org",
        "Call +1 202 555 0143 between nine and five and ask for the service desk.",
    ),
    ("describe the warranty", "The warranty covers repairs for two years. " * 6),
    ("say hello", "Hi."),
    ("read my bill", "Your bill lists the plan, the calls beyond it and the tax, each with its own sum. " * 3),
    ("find the manual", "The manual is in the box; the newest one is on the product page under Downloads."),
)


def _time(day: float) -> timedelta:
    """Traffic comes in one hour of every eight, so that there are not too many hours to compare."""
    return timedelta(hours=8 * int(day * 3))


@dataclass
class Traffic:
    """Makes items with ids of their own; equal seeds make equal items."""

    start: datetime
    random: Random = field(default_factory=lambda: Random(20260504))
    number: int = 0

    @classmethod
    def until_now(cls) -> "Traffic":
        return cls(datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=DAYS))

    def events(self, deployment: str, n: int, *, days: tuple[float, float]) -> list[dict[str, Any]]:
        """n events spread over a part of the days, of the older version in the first half of all days."""
        first, last = days
        return [self._event(deployment, first + (last - first) * place / n) for place in range(n)]

    def _event(self, deployment: str, day: float) -> dict[str, Any]:
        self.number += 1
        is_new = day > DAYS / 2
        asked, answer = self.random.choice(SUBJECTS)
        user = self.random.randrange(12)
        prompt = f"How do I {asked.format(number=self.number)}? This is request {self.number}."
        event = {
            "id": self.id(),
            "deployment_id": deployment,
            "external_id": f"{deployment}-{self.number}",
            "model_version_id": "model-2" if is_new else "model-1",
            "prompt_version": "prompt-b" if is_new and self.number % 3 else "prompt-a",
            "session_id": f"session-{self.number // 4}",
            "user_id": ERASED_USER if self.number % 17 == 0 else f"user-{user}",
            "response": answer if is_new else f"{answer} Is there anything else? ({self.number})",
            "latency_ms": round(self.random.lognormvariate(6.5, 0.4) * (1.6 if is_new else 1), 1),
            "prompt_tokens": 20 + self.number % 9,
            "completion_tokens": len(answer) // 4,
            "cost_usd": round(self.random.uniform(0.0001, 0.004), 6),
            "finish_reason": self.random.choice(["stop", "stop", "stop", "length"]),
            "occurred_at": (self.start + _time(day) + timedelta(seconds=self.number * 73 % 3_600)).isoformat(),
            "tags": ["checkout"] if self.number % 5 == 0 else [],
            "metadata": {"plan": self.random.choice(PLANS), "region": self.random.choice(REGIONS), "turn": self.number},
        }
        if self.number % 4 == 0:
            system = {"role": "system", "content": "Be brief."}
            return event | {"messages": [system, {"role": "user", "content": prompt}]}
        return event | {"prompt": prompt}

    def reactions(self, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Signals of every kind about these events; some of them are taken back or repeated by their user."""
        signals = []
        for place, event in enumerate(events):
            kind = place % 10
            if kind < 3:
                signals.append(self.signal(event, "thumbs_up", comment="Just what I needed, ORD-123456 came."))
            elif kind == 3:  # The user changes their mind.
                signals.append(self.signal(event, "thumbs_up", minutes=1))
                signals.append(self.signal(event, "thumbs_down", minutes=4, comment="It did not work after all."))
            elif kind == 4:
                signals.append(self.signal(event, "edit", edited_response=f"{event['response']} Ask us when it fails."))
            elif kind == 5:
                signals.append(self.signal(event, "regenerate"))
                signals.append(self.signal(event, "copy", minutes=5))
            elif kind == 6:
                signals.append(self.signal(event, "rating", value=1 + place % 5))
                signals.append(self.signal(event, "rating", value=4.5, user_id="user-other"))
            elif kind == 7:
                signals.append(self.signal(event, "label", value={"topic": "billing", "good": place % 2 == 0}))
            elif kind == 8:
                signals.append(self.signal(event, "report", comment="Rude."))
        return signals

    def signal(self, event: dict[str, Any], kind: str, *, minutes: int = 2, **fields) -> dict[str, Any]:
        at = datetime.fromisoformat(event["occurred_at"]) + timedelta(minutes=minutes)
        facts = {"user_id": event["user_id"], "occurred_at": at.isoformat(), **fields}
        return {
            "id": self.id(),
            "event_id": event["id"],
            "deployment_id": event["deployment_id"],
            "type": kind,
            **facts,
        }

    def unmatched(self, deployment: str) -> list[dict[str, Any]]:
        """Signals whose event never comes: one by its id, one by a name."""
        named = {"id": self.id(), "external_id": f"{deployment}-nowhere", "deployment_id": deployment, "type": "share"}
        start = self.start.isoformat()
        missing = {"id": self.id(), "deployment_id": deployment, "occurred_at": start, "user_id": "user-1"}
        return [self.signal(missing, "thumbs_down"), named]

    def id(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))
