"""Messages of a conversation as the console shows them: a bubble for each, with its blocks in their order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from feedback import exact_json
from feedback.admin.readable import Page, Text, is_json
from feedback.console.presentation import SHOWN_DIGITS, excerpt
from feedback.conversations.messages import (
    Block,
    MediaBlock,
    Message,
    OtherBlock,
    ReasoningBlock,
    RefusalBlock,
    TextBlock,
    ToolCallBlock,
    ToolResultBlock,
)
from feedback.quality.checks.tool_calls import MOST_PROBLEMS

MOST_PIECES = 100
_ICONS = {"image": "image", "audio": "volume_up", "video": "movie", "file": "draft"}
_PROBLEMS = {
    "not_json": "arguments are not JSON",
    "not_object": "arguments are no object",
    "undeclared": "no such tool was declared",
    "forbidden": "tool_choice does not allow this call",
    "missing": "arguments are missing",
    "schema": "does not fit the schema",
    "no_call": "a call was demanded",
}


@dataclass(frozen=True)
class Piece:
    """One block. kind: text, refusal, reasoning, call, result, media or other; those with a summary are folded."""

    kind: str
    content: Text | None = None
    summary: str = ""
    icon: str = ""
    hint: str = ""
    mark: str = ""
    tone: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    inner: list["Piece"] = field(default_factory=list)

    @property
    def is_cut(self) -> bool:
        return bool(self.content and self.content.is_cut) or any(piece.is_cut for piece in self.inner)


@dataclass(frozen=True)
class Bubble:
    """One message. index: its position in the conversation, None for the answer; hidden: blocks that are not shown."""

    role: str
    index: int | None
    pieces: list[Piece]
    name: str = ""
    hidden: int = 0
    extra: Text | None = None

    @property
    def side(self) -> str:
        return "answer" if self.index is None else self.role if self.role in ("user", "assistant", "tool") else "other"

    @property
    def is_cut(self) -> bool:
        return self.hidden > 0 or any(piece.is_cut for piece in self.pieces)

    @property
    def place(self) -> str:
        return "answer" if self.index is None else str(self.index)


class Bubbles:
    """Makes the bubbles of one page. results are named after the calls of `conversation`."""

    def __init__(self, page: Page, conversation: Iterable[Message] = ()):
        self._page = page
        self._names = {call.id: call.name for message in conversation for call in message.calls}

    def of(
        self, message: Message, index: int | None, *, whole: bool = False, verdicts: Sequence["Piece"] = ()
    ) -> Bubble:
        """whole: show all of it. verdicts: of its calls, in their order, as `verdicts_of` returns them."""
        shown = message.blocks if whole else message.blocks[:MOST_PIECES]
        remaining = iter(verdicts)
        pieces = [
            self._piece(block, whole, next(remaining, None) if isinstance(block, ToolCallBlock) else None)
            for block in shown
        ]
        name = "" if message.results else message.name or ""
        extra = self._page.json(_json(message.extra), whole=whole) if message.extra else None
        return Bubble(message.role, index, pieces, name, len(message.blocks) - len(shown), extra)

    def _piece(self, block: Block, whole: bool, verdict: Piece | None = None) -> Piece:
        match block:
            case TextBlock():
                return self._text(block.text, whole)
            case RefusalBlock():
                return Piece("refusal", self._page.text(block.text, whole=whole))
            case ReasoningBlock():
                content = self._page.text(block.text, whole=whole)
                return Piece("reasoning", content, "Reasoning", hint=excerpt(block.text, 60))
            case ToolCallBlock():
                return self._call(block, whole, verdict)
            case ToolResultBlock():
                return self._result(block, whole)
            case MediaBlock():
                return Piece(
                    "media", summary=block.name or block.kind, icon=_ICONS[block.kind], facts=_media_facts(block)
                )
            case OtherBlock():
                return Piece("other", self._page.json(_json(block.extra or {}), whole=whole), f"Part “{block.kind}”")

    def _text(self, text: str, whole: bool) -> Piece:
        return Piece(
            "text", self._page.json(text, whole=whole) if is_json(text) else self._page.text(text, whole=whole)
        )

    def _call(self, block: ToolCallBlock, whole: bool, verdict: Piece | None) -> Piece:
        verdict = verdict or Piece("call")
        content = self._page.json(block.arguments, whole=whole)
        summary, hint = f"Call {block.name or 'without a name'}", excerpt(block.arguments, 60)
        facts = [("Call id", block.id)]
        return replace(verdict, content=content, summary=summary, hint=hint, facts=facts)

    def _result(self, block: ToolResultBlock, whole: bool) -> Piece:
        name = block.name or self._names.get(block.call_id, "")
        inner = [self._piece(one, whole) for one in (block.blocks if whole else block.blocks[:MOST_PIECES])]
        mark, tone = ("error", "danger") if block.is_error else ("", "")
        hint = excerpt("".join(one.text for one in block.blocks if isinstance(one, TextBlock)), 60)
        summary, facts = f"Result of {name}" if name else "Result", [("Call id", block.call_id)]
        return Piece("result", summary=summary, hint=hint, mark=mark, tone=tone, facts=facts, inner=inner)


def verdicts_of(details: Mapping[str, Any] | None, calls: int) -> list[Piece]:
    """What the check `tool_calls` found about each call of the answer; nothing where it does not say."""
    problems = (details or {}).get("problems", [])
    if details is None or details.get("calls") != calls:
        return []
    by_call: dict[int, list[str]] = {}
    for problem in problems:
        by_call.setdefault(problem.get("call", -1), []).append(sentence(problem))
    all_known = len(problems) < MOST_PROBLEMS and not details.get("unjudged")
    valid = Piece("call", mark="valid", tone="success") if all_known else Piece("call")
    return [
        Piece("call", mark="invalid", tone="danger", notes=by_call[call]) if call in by_call else valid
        for call in range(calls)
    ]


def sentence(problem: Mapping[str, Any]) -> str:
    """What is wrong with a call, of a problem among the details of `tool_calls`."""
    text = _PROBLEMS.get(problem["code"], problem["code"].replace("_", " "))
    if names := problem.get("names"):
        text = f"{text}: {', '.join(names)}"
    place = " ".join(filter(None, (problem.get("keyword"), problem.get("path") and f"at {problem['path']}")))
    return f"{text} ({place})" if place and not names else text


def _media_facts(block: MediaBlock) -> list[tuple[str, str]]:
    facts = [
        ("Kind", block.kind),
        ("Type", block.media_type or ""),
        ("Size", "" if block.size is None else f"{block.size:,} bytes"),
        ("SHA-256", f"{block.sha256[:SHOWN_DIGITS]}…" if block.sha256 else ""),
        ("URL", block.url or ""),
    ]
    return [(name, value) for name, value in facts if value]


def _json(value: Any) -> str:
    return exact_json.encode(value).decode()
