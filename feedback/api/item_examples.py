"""Examples of what the API takes: events in each dialect of conversations, and signals of each kind."""

from typing import Any

_ASKED = "Is the workshop open on Sundays?"
_HOURS = '{"from": 10, "to": 16}'
_SCHEMA = {"type": "object", "properties": {"day": {"type": "string"}}, "required": ["day"]}

EVENTS: dict[str, dict[str, Any]] = {
    "A prompt and its response": {
        "id": "6f1c0b52-38d1-4c6c-9c1e-51f4b7a0d001",
        "deployment_id": "helpdesk",
        "prompt": _ASKED,
        "response": "Yes, from ten to four.",
        "model_version_id": "small-2",
        "prompt_version": "7",
        "user_id": "ann",
        "session_id": "visit-12",
        "latency_ms": 820.5,
        "prompt_tokens": 14,
        "completion_tokens": 8,
        "cost_usd": 0.0004,
        "finish_reason": "stop",
        "tags": ["website"],
        "metadata": {"page": "/opening-hours"},
    },
    "OpenAI Chat Completions": {
        "id": "6f1c0b52-38d1-4c6c-9c1e-51f4b7a0d002",
        "deployment_id": "helpdesk",
        "messages": [
            {"role": "system", "content": "You answer for a workshop."},
            {"role": "user", "content": _ASKED},
            {
                "role": "assistant",
                "tool_calls": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {"name": "opening_hours", "arguments": '{"day": "Sunday"}'},
                    }
                ],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": _HOURS},
        ],
        "response": {"role": "assistant", "content": "Yes, from ten to four."},
        "tools": [{"type": "function", "function": {"name": "opening_hours", "parameters": _SCHEMA}}],
        "tool_choice": "auto",
    },
    "OpenAI Chat Completions, answered with a tool call": {
        "id": "6f1c0b52-38d1-4c6c-9c1e-51f4b7a0d003",
        "deployment_id": "helpdesk",
        "prompt": _ASKED,
        "response": {
            "role": "assistant",
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "opening_hours", "arguments": '{"day": "Sunday"}'},
                }
            ],
        },
        "finish_reason": "tool_calls",
    },
    "OpenAI Responses": {
        "id": "6f1c0b52-38d1-4c6c-9c1e-51f4b7a0d004",
        "deployment_id": "helpdesk",
        "system": "You answer for a workshop.",
        "messages": [
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": _ASKED}]},
            {"type": "function_call", "call_id": "call_1", "name": "opening_hours", "arguments": '{"day": "Sunday"}'},
            {"type": "function_call_output", "call_id": "call_1", "output": _HOURS},
        ],
        "response": [
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "The hours are known."}]},
            {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "Yes, from ten to four."}],
            },
        ],
        "tools": [{"type": "function", "name": "opening_hours", "parameters": _SCHEMA}],
    },
    "Anthropic Messages": {
        "id": "6f1c0b52-38d1-4c6c-9c1e-51f4b7a0d005",
        "deployment_id": "helpdesk",
        "system": [{"type": "text", "text": "You answer for a workshop."}],
        "messages": [
            {"role": "user", "content": _ASKED},
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": "toolu_1", "name": "opening_hours", "input": {"day": "Sunday"}}],
            },
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": _HOURS}]},
        ],
        "response": {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "The hours are known."},
                {"type": "text", "text": "Yes, from ten to four."},
            ],
        },
        "tools": [{"name": "opening_hours", "input_schema": _SCHEMA}],
    },
    "Gemini": {
        "id": "6f1c0b52-38d1-4c6c-9c1e-51f4b7a0d006",
        "deployment_id": "helpdesk",
        "messages": [
            {"role": "user", "parts": [{"text": _ASKED}]},
            {"role": "model", "parts": [{"functionCall": {"name": "opening_hours", "args": {"day": "Sunday"}}}]},
            {
                "role": "function",
                "parts": [{"functionResponse": {"name": "opening_hours", "response": {"from": 10, "to": 16}}}],
            },
        ],
        "response": {"role": "model", "parts": [{"text": "Yes, from ten to four."}]},
    },
    "ShareGPT": {
        "id": "6f1c0b52-38d1-4c6c-9c1e-51f4b7a0d007",
        "deployment_id": "helpdesk",
        "messages": [{"from": "human", "value": _ASKED}, {"from": "gpt", "value": "Yes, from ten to four."}],
    },
}

_EVENT = "6f1c0b52-38d1-4c6c-9c1e-51f4b7a0d001"
SIGNALS: dict[str, dict[str, Any]] = {
    "Thumbs": {"event_id": _EVENT, "type": "thumbs", "value": "up", "user_id": "ann", "prompted": True},
    "A rating with a name": {"event_id": _EVENT, "type": "rating", "name": "tone", "value": 4, "user_id": "ann"},
    "An edit": {
        "event_id": _EVENT,
        "deployment_id": "helpdesk",
        "type": "edit",
        "edited_response": "Yes, on Sundays from ten to four.",
        "comment": "Names the day.",
    },
    "A label of one message": {
        "event_id": _EVENT,
        "deployment_id": "helpdesk",
        "type": "label",
        "message_index": 0,
        "value": "on topic",
    },
    "A session that was solved": {
        "session_id": "visit-12",
        "deployment_id": "helpdesk",
        "type": "label",
        "value": {"value": 12.5, "unit": "min"},
    },
    "Thumbs taken back": {"event_id": _EVENT, "type": "thumbs", "retracted": True, "user_id": "ann"},
}

SCORES: dict[str, dict[str, Any]] = {
    "A score of an event": {"event_id": _EVENT, "deployment_id": "helpdesk", "name": "resolved", "value": 1},
    "A score that says what measured it": {
        "external_id": "request-12",
        "deployment_id": "helpdesk",
        "name": "exact_match",
        "value": 0.5,
        "version": "grader-3",
        "occurred_at": "2026-05-04T12:00:00Z",
    },
}

FEEDBACK_EVENTS: dict[str, dict[str, Any]] = {
    "An answer and a thumb": {
        "id": "evt_1",
        "deployment_id": "helpdesk",
        "model_version": "1.0.0",
        "input": {"prompt": _ASKED},
        "output": {"text": "Yes, from ten to four."},
        "feedback_type": "thumbs",
        "feedback_value": "up",
        "user_id": "ann",
        "session_id": "visit-12",
        "latency_ms": 820.5,
        "metadata": {"page": "/opening-hours"},
    },
    "A correction of the same answer": {
        "id": "evt_1",
        "deployment_id": "helpdesk",
        "feedback_type": "correction",
        "feedback_value": {"original": "Yes, from ten to four.", "corrected": "Yes, from ten to three."},
    },
}
