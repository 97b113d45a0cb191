"""What the tools of some events look like: what is declared, and what calls hold."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice, zip_longest

from feedback.conversations import canonical
from feedback.conversations.messages import Message
from feedback.stores import event_store, tool_lists
from feedback.stores.base import EventFilter, Paging
from feedback.tools.changes import tools_by_name
from feedback.tools.sets import MAX_NAME_CHARACTERS, Tool
from feedback.tools.shapes import Shape, joined, shapes_of_calls, shapes_of_tools

# The newest events whose columns are read, and of how many of them the messages.
MOST_EVENTS = 20_000
EVENTS_EACH_TOOL, NEWEST_READ, MOST_READ = 20, 200, 1_000
# A longer conversation is left out.
MOST_CHARACTERS = 200_000
MOST_LISTS = 50
# Every old tool is compared with every new one.
MOST_TOOLS = 200
_CHUNK = 50


@dataclass(frozen=True)
class ToolUse:
    """The shapes of tools by name. in_use: the names that events declare or answers call; conversations may also hold
    calls of earlier tools.
    """

    shapes: dict[str, Shape]
    in_use: frozenset[str]


@dataclass(frozen=True)
class _Chosen:
    answered: frozenset[str]
    digests: list[str]
    event_ids: list[str]


def read(where: EventFilter) -> ToolUse:
    """Read the tools of these events, the newest first, within the bounds above."""
    chosen = _choose(where)
    declared: dict[str, Tool] = {}
    for text in tool_lists.texts_of(where.deployment_id or "", chosen.digests[:MOST_LISTS]):
        declared = {**tools_by_name(text), **declared}
    called = shapes_of_calls(_conversations(chosen.event_ids))
    shapes = {shape.name: shape for shape in called if 0 < len(shape.name) <= MAX_NAME_CHARACTERS}
    shapes |= {shape.name: shape for shape in joined(shapes_of_tools(declared.values()), called)}
    return ToolUse(shapes, chosen.answered | declared.keys())


def _choose(where: EventFilter) -> _Chosen:
    """The events to read: the newest, and some for each tool that an answer calls."""
    digests: dict[str, None] = {}
    newest: list[str] = []
    by_tool: defaultdict[str, list[str]] = defaultdict(list)
    paging = Paging(limit=MOST_EVENTS)
    for batch in event_store().scan(where, ["id", "tools_called", "tools_hash"], paging):
        for row in batch.to_pylist():
            newest += [row["id"]] if len(newest) < NEWEST_READ else []
            digests |= {row["tools_hash"]: None} if row["tools_hash"] else {}
            for name in row["tools_called"] or ():
                if len(by_tool[name]) < EVENTS_EACH_TOOL:
                    by_tool[name].append(row["id"])
    # The newest event of each tool before the second of any, so that every tool is read.
    of_tools = chain.from_iterable(zip_longest(*by_tool.values()))
    ids = dict.fromkeys(event_id for event_id in chain(newest, of_tools) if event_id)
    return _Chosen(frozenset(by_tool), list(digests), list(islice(ids, MOST_READ)))


def _conversations(event_ids: list[str]) -> Iterator[list[Message]]:
    """The messages of these events with their answers, one by one."""
    columns = ["messages", "response_message"]
    for start in range(0, len(event_ids), _CHUNK):
        chunk = event_ids[start : start + _CHUNK]
        paging = Paging(limit=_CHUNK, characters=MOST_CHARACTERS + 1)
        for row in event_store().scan(EventFilter(ids=chunk), columns, paging).read_all().to_pylist():
            texts = [row[name] for name in columns if row[name] and len(row[name]) <= MOST_CHARACTERS]
            yield [message for text in texts for message in canonical.decode(text)]
