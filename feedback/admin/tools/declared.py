"""The tools that an event declared, as its page shows them."""

from dataclasses import dataclass

from feedback import exact_json
from feedback.admin.readable import Page, Text
from feedback.console.presentation import excerpt
from feedback.stores import tool_lists
from feedback.stores.schema import Row
from feedback.tools.changes import tools_by_name
from feedback.tools.sets import FUNCTION, Tool

SHOWN_TOOLS = 20


@dataclass(frozen=True)
class ShownTool:
    """A tool, folded. kind: other than a function, such as web_search; is_called: by the answer."""

    name: str
    kind: str
    is_strict: bool
    is_called: bool
    hint: str
    description: Text | None
    parameters: Text | None


@dataclass(frozen=True)
class DeclaredTools:
    """Some of the tools, those that the answer calls first. size: of the whole list."""

    shown: list[ShownTool]
    size: int
    digest: str

    @property
    def is_cut(self) -> bool:
        texts = (text for tool in self.shown for text in (tool.description, tool.parameters))
        return self.size > len(self.shown) or any(text is not None and text.is_cut for text in texts)


def read(event: Row, page: Page, *, whole: bool = False) -> DeclaredTools | None:
    """The tools of an event, or None if it declared none. whole: show all of them."""
    digest = event["tools_hash"]
    tools = tools_by_name((digest and tool_lists.text_of(event["deployment_id"], digest)) or "")
    if not tools:
        return None
    called = set(event["tools_called"])
    ordered = sorted(tools.values(), key=lambda tool: tool.name not in called)
    shown = ordered if whole else ordered[:SHOWN_TOOLS]
    return DeclaredTools([_shown(tool, tool.name in called, page, whole) for tool in shown], len(tools), digest)


def _shown(tool: Tool, is_called: bool, page: Page, whole: bool) -> ShownTool:
    description, parameters = tool.description or "", tool.parameters
    return ShownTool(
        name=tool.name,
        kind="" if tool.kind == FUNCTION else tool.kind,
        is_strict=bool(tool.strict),
        is_called=is_called,
        hint=excerpt(description, 80),
        description=page.plain(description, whole=whole) if description else None,
        parameters=page.json(exact_json.encode(parameters).decode(), whole=whole) if parameters is not None else None,
    )
