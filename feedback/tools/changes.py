"""What differs between two lists of tools."""

from dataclasses import dataclass

from feedback.tools.checking import offered_tools
from feedback.tools.sets import Tool


@dataclass(frozen=True, slots=True)
class ListChange:
    """Names of the tools that were added, removed, or declared otherwise (description, schema, kind), in list order."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def change_between(before: str, after: str) -> ListChange:
    """Compare two lists of tools by the names of their tools.

    Parameters
    ----------
    before, after : str
        What `sets.encode` wrote. One that cannot be read has no tools.

    Returns
    -------
    ListChange
        False as a condition if the tools are the same, in whatever order.

    Examples
    --------
    >>> from feedback.tools.sets import encode
    >>> before = encode([Tool("add"), Tool("sub", "Subtracts.")])
    >>> change_between(before, encode([Tool("sub", "Takes away."), Tool("mul")]))
    ListChange(added=('mul',), removed=('add',), changed=('sub',))
    """
    old, new = tools_by_name(before), tools_by_name(after)
    return ListChange(
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        changed=tuple(name for name in new if name in old and new[name] != old[name]),
    )


def tools_by_name(text: str) -> dict[str, Tool]:
    """Return the tools of a list by their names.

    Parameters
    ----------
    text : str
        What `sets.encode` wrote.

    Returns
    -------
    dict of str to Tool
        Empty for one that cannot be read.

    Examples
    --------
    >>> from feedback.tools.sets import encode
    >>> list(tools_by_name(encode([Tool("add"), Tool("sub")])))
    ['add', 'sub']
    """
    offered = offered_tools(text)
    return dict(offered.by_name) if offered else {}


def describe(change: ListChange, *, most: int = 5) -> str:
    """Describe a change in a sentence for each kind.

    Parameters
    ----------
    change : ListChange
    most : int
        How many names a sentence has.

    Returns
    -------
    str

    Examples
    --------
    >>> describe(ListChange(added=("mul", "div"), removed=("add",)), most=1)
    'Added: mul and 1 more. Removed: add.'
    >>> describe(ListChange())
    'The same tools in another order.'
    """
    kinds = (("Added", change.added), ("Removed", change.removed), ("Changed", change.changed))
    said = [f"{word}: {_named(names, most)}." for word, names in kinds if names]
    return " ".join(said) or "The same tools in another order."


def _named(names: tuple[str, ...], most: int) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")
