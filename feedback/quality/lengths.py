import regex

_CLUSTER = regex.compile(r"\X")
_JOINING = regex.compile(
    r"[\r\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}\p{GCB=Prepend}\p{GCB=L}\p{GCB=V}\p{GCB=T}\p{GCB=Regional_Indicator}]"
)


def grapheme_count(text: str) -> int:
    """Count what a reader sees as characters. Source: Unicode Standard Annex 29, extended grapheme clusters."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    if not _JOINING.search(text):
        return len(text)
    return len(_CLUSTER.findall(text))
