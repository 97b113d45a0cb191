"""An event of an agent, with everything that a conversation may hold."""

from feedback.models import Event
from tests.factories import EventFactory
from tests.feedback.factories import QualityScoreFactory

ANSWER = """## Two machines are free

Book **one** of them, *not both*:

| Machine | Free from | Rate |
|---|---|---:|
| `drill-04` | 09:30 | 41 €/h |
| `lathe-11` | 13:00 | 58 €/h |

1. Open the [timetable](https://workshop.example/timetable).
2. Choose the slot.

```python
def book(machine: str, hours: int = 2) -> Booking:
    return workshop.book(machine, hours=hours, notify=["front desk"])  # raises MachineTaken when someone was faster
```

> Bring your own goggles.
"""
ARABIC = "السلام عليكم، هل توجد آلة ثقب متاحة صباح الغد؟ أحتاجها مدة ساعتين، رقم الطلب A-1042."
MESSAGES = [
    {"role": "system", "content": "You book machines in a workshop. Answer in the language of the user."},
    {
        "role": "user",
        "content": "",
        "blocks": [
            {"type": "text", "text": ARABIC},
            {
                "type": "media",
                "kind": "image",
                "media_type": "image/png",
                "sha256": "9f3c1a" + "0" * 58,
                "size": 48_213,
                "url": "https://files.example/uploads/2026/drawing-of-the-part.png?width=1200",
                "name": "drawing.png",
            },
        ],
    },
    {
        "role": "assistant",
        "content": None,
        "blocks": [
            {"type": "reasoning", "text": "They need a drill tomorrow morning.\n\nI look both kinds up."},
            {
                "type": "tool_call",
                "id": "call_7",
                "name": "free_machines",
                "arguments": '{"kind":"drill","day":"2026-05-05","hours":2,"order":18446744073709551617}',
            },
        ],
    },
    {
        "role": "tool",
        "content": "",
        "blocks": [
            {
                "type": "tool_result",
                "call_id": "call_7",
                "blocks": [
                    {
                        "type": "text",
                        "text": '[{"machine":"drill-04","from":"09:30"},{"machine":"lathe-11","from":"13:00"}]',
                    }
                ],
            }
        ],
    },
    {
        "role": "tool",
        "content": "",
        "blocks": [
            {
                "type": "tool_result",
                "call_id": "call_8",
                "name": "prices",
                "is_error": True,
                "blocks": [{"type": "text", "text": "Timeout after 30 s"}],
            }
        ],
    },
]
RESPONSE = {
    "role": "assistant",
    "content": "",
    "blocks": [
        {"type": "reasoning", "text": "The prices did not come; the table has them from yesterday."},
        {"type": "text", "text": ANSWER},
        {"type": "refusal", "text": "I cannot book without a name."},
        {"type": "tool_call", "id": "call_9", "name": "book", "arguments": '{"machine":"drill-04","hours":"two"}'},
        {"type": "tool_call", "id": "call_10", "name": "notify", "arguments": '{"to":"front desk"}'},
    ],
}
CALLS = {
    "name": "tool_calls",
    "score": 0.5,
    "passed": False,
    "details": {
        "calls": 2,
        "valid": 1,
        "unjudged": 0,
        "problems": [{"call": 0, "name": "book", "code": "schema", "path": "/hours", "keyword": "type"}],
    },
}


def agent_event(**fields) -> Event:
    event = EventFactory(
        prompt=ARABIC,
        messages=MESSAGES,
        response=ANSWER,
        response_message=[RESPONSE],
        dialect="openai_chat",
        tools_called=["book", "notify"],
        tool_choice="auto",
        response_format={"type": "json_object"},
        quality_score=0.71,
        metadata={"channel": "kiosk"},
        **fields,
    )
    QualityScoreFactory(event_id=event.pk, score=0.71, checks=[CALLS])
    return event


def long_text(characters: int) -> str:
    sentence = "The lathe runs **quietly** at low speed; see `manual.pdf`.\n\n"
    return (sentence * (characters // len(sentence) + 1))[:characters]
