"""Measures the proposals for renamed tools against labelled traces: `python -m benchmarks.tool_names`."""

import gzip
import json
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from benchmarks.labelled_data import data_folder, print_table, require_data
from feedback.conversations import Message, read
from feedback.conversations.messages import TextBlock, ToolResultBlock
from feedback.tools import sets
from feedback.tools.mapping import Proposal, propose
from feedback.tools.shapes import joined, shapes_of_calls, shapes_of_tools

DATA = "tool_traces_tft"
# What each of today's tools was called before, read from the traces by hand.
FORMER = {
    "respond_to_user": (
        *("assistant_reply", "chat_response", "reply_to_user", "send_message", "send_reply", "send_user_message"),
        "user_response",
    ),
    "ReserveRestaurant": (
        *("BookDining", "book_restaurant", "book_table", "create_booking", "make_reservation", "reserve_table"),
        "schedule_reservation",
    ),
    "FindRestaurants": (
        *("SearchDining", "find_places_to_eat", "get_restaurants", "lookup_restaurants", "query_restaurants"),
        *("search_restaurants", "search_venues"),
    ),
}
TODAY = {former: name for name, formers in FORMER.items() for former in formers}
SAMPLES = {"even rows": slice(0, None, 2), "odd rows, held out": slice(1, None, 2), "all rows": slice(None)}
# With calls of today's tools, or with their declarations alone.
WITH_CALLS, DECLARED = "declared and called", "declared"


def main() -> None:
    require_data()
    lines = [_line(rows, new) for rows in SAMPLES for new in (WITH_CALLS, DECLARED)]
    print_table("Renamed tools", ("old calls", "new tools", "renamed", "right", "none", "wrong"), lines)


def right(rows: str, new: str) -> list[bool | None]:
    """Whether each proposal is right, or None where there is none."""
    return [found.new == TODAY[found.old] if found.new else None for found in proposals(rows, new)]


def proposals(rows: str, new: str) -> list[Proposal]:
    tools = sets.read(json.dumps(json.loads((data_folder() / DATA / "job_description.json").read_text())["tools"]))
    declared = shapes_of_tools(tools)
    called = shapes_of_calls(conversations("test")) if new == WITH_CALLS else []
    old = shapes_of_calls(list(conversations("schema_drift"))[SAMPLES[rows]])
    return propose(old, joined(declared, called))


def conversations(name: str) -> Iterator[list[Message]]:
    """The conversations of a file, with the results of tools as results instead of messages of the user."""
    with gzip.open(data_folder() / DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield list(_with_results(read(json.dumps(json.loads(line)["messages"]).encode()).messages))


def _with_results(messages: Iterable[Message]) -> Iterator[Message]:
    calls = []
    for message in messages:
        text = message.content
        if message.role == "user" and calls and isinstance(text, str) and text.startswith(("[", "{")):
            result = ToolResultBlock(calls[0].id, calls[0].name, None, [TextBlock(text)])
            message = replace(message, role="tool", blocks=[result])
        calls = message.calls
        yield message


def _line(rows: str, new: str) -> tuple:
    found = right(rows, new)
    return rows, new, len(found), found.count(True), found.count(None), found.count(False)


if __name__ == "__main__":
    main()
