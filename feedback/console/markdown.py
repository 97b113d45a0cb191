"""Markdown of users and models as HTML that is safe to show: without raw HTML, images, scripts or styles."""

import re

import nh3
from django.utils.safestring import mark_safe
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token

# Longer texts, and those with more of these, are shown as they are: what never closes takes quadratic time.
MAX_CHARACTERS = 20_000
_PAIRED, _MOST_PAIRED = "[*_~`", 2_000
_TAGS = {
    *("p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "hr", "a"),
    *("h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES: dict[str, set[str]] = {"a": {"href"}, "ol": {"start"}}
_SCHEMES = ("http:", "https:", "mailto:")
# Headings of a text lie below those of the page.
_HEADINGS = {"h1": "h4", "h2": "h5", "h3": "h6"}
_PLAIN = {"paragraph_open", "paragraph_close", "text", "softbreak"}
# A text without any of these characters, and without an indent, has no formatting.
_MARKS = re.compile(r"[*_`#>|~\[<&\\=]|^[ \t]*(?:[-+]|\d+[.)])|^(?: {4}|\t)", re.MULTILINE)


def _allowed(tag: str, attribute: str, value: str) -> str | None:
    """Links lead to other sites only, never to a page of the console."""
    return None if attribute == "href" and not value.lower().startswith(_SCHEMES) else value


_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    attribute_filter=_allowed,
    # Long lines scroll, by keyboard too.
    set_tag_attribute_values={"pre": {"tabindex": "0"}},
    url_schemes={scheme.rstrip(":") for scheme in _SCHEMES},
    link_rel="noopener nofollow noreferrer",
)


def _image(tokens, index, options, env) -> str:
    """What an image shows, and where it is, as text."""
    token = tokens[index]
    return escapeHtml(f"[image: {token.content}] {token.attrGet('src') or ''}".strip())


_READER = MarkdownIt("js-default", {"html": False, "breaks": True, "linkify": False, "typographer": False})
_READER.add_render_rule("image", lambda self, *arguments: _image(*arguments))


def render(text: str) -> str | None:
    """The text with its formatting; None if it has none, or is too long."""
    if len(text) > MAX_CHARACTERS or max(map(text.count, _PAIRED)) > _MOST_PAIRED or not _MARKS.search(text):
        return None
    env: dict = {}
    tokens = _READER.parse(text, env)
    if all(map(_is_plain, tokens)):
        return None
    for token in tokens:
        token.tag = _HEADINGS.get(token.tag, token.tag)
    html = _READER.renderer.render(tokens, _READER.options, env)
    return mark_safe(_CLEANER.clean(html))


def _is_plain(token: Token) -> bool:
    return token.type in _PLAIN or token.type == "inline" and all(map(_is_plain, token.children or ()))
