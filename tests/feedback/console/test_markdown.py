"""Markdown on the pages of the console."""

import time

import pytest

from feedback.console import markdown

SAFE = 'rel="noopener nofollow noreferrer"'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Turn it **off**, then `reset`.", "<p>Turn it <strong>off</strong>, then <code>reset</code>.</p>\n"),
        ("# Steps\n### Last", "<h4>Steps</h4>\n<h6>Last</h6>\n"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"),
        ("3. three", '<ol start="3">\n<li>three</li>\n</ol>\n'),
        ("```python\nif a < b:\n    pass\n```", '<pre tabindex="0"><code>if a &lt; b:\n    pass\n</code></pre>\n'),
        ("one *line*\nbelow", "<p>one <em>line</em><br>\nbelow</p>\n"),
        ("[the page](https://docs.example/a)", f'<p><a href="https://docs.example/a" {SAFE}>the page</a></p>\n'),
        ("![a chart](https://files.example/a.png)", "<p>[image: a chart] https://files.example/a.png</p>\n"),
        ("<b onclick=x()>*hi*</b>", "<p>&lt;b onclick=x()&gt;<em>hi</em>&lt;/b&gt;</p>\n"),
        ("*a* [b](javascript:x())", "<p><em>a</em> [b](javascript:x())</p>\n"),
        ("*a* [b](/admin/logout/)", f"<p><em>a</em> <a {SAFE}>b</a></p>\n"),
        ("*a* [b](data:text/html;base64,PHNjcmlwdD4)", "<p><em>a</em> [b](data:text/html;base64,PHNjcmlwdD4)</p>\n"),
    ],
)
def test_formatting_becomes_safe_html(text, html):
    assert markdown.render(text) == html


@pytest.mark.parametrize("text", ["", "Plain text.\nTwo lines.", "2 < 3 & 4 > 1", "snake_case", "*" * 20_001])
def test_a_text_without_formatting_is_not_rendered(text):
    assert markdown.render(text) is None


@pytest.mark.parametrize(
    "unit", ["[", "![", ">", "*a ", "- ", "[a](b ", "|a", "`a``", "<a ", "\\*", "&#65;", "\n", "_a*", "(", "~~"]
)
def test_no_text_takes_long(unit):
    text = (unit * markdown.MAX_CHARACTERS)[: markdown.MAX_CHARACTERS]
    began = time.perf_counter()

    markdown.render(text)

    assert time.perf_counter() - began < 1
