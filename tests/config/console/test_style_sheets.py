"""Style sheets: one palette, and no rule without a page that uses it."""

import re
from collections import Counter
from pathlib import Path

from config.console.unfold import STYLES

ROOT = Path(__file__).resolve().parents[3]
SHEETS = {path.stem: path.read_text() for path in (ROOT / "static" / "styles").glob("*.css")}
REPORT_FILE = (ROOT / "templates" / "drift" / "report_file.css").read_text()
MARKUP = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static").glob("*.js")]
PROGRAM = [
    path for room in ("config", "exports", "curation", "drift", "feedback") for path in (ROOT / room).rglob("*.py")
]
USERS = "\n".join(path.read_text() for path in (*MARKUP, *PROGRAM))
# Starts that a template completes: cf-tone-{{ tone }}.
COMPLETED = {
    "cf-": {"better", "worse"},
    "cf-tone-": {"danger", "info", "success", "warning"},
    "cf-bubble-": {"answer", "assistant", "other", "tool", "user"},
}
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b(?!-)|\b(?:rgba?|hsla?|oklch|oklab|lab|lch|color)\(")


def _rules(text):
    """The selectors of every rule, each with the media query around it."""
    media, selectors = "", []
    for line in re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).splitlines():
        if line.startswith("@media"):
            media = line
        elif line == "}":
            media = ""
        elif line.endswith((",", "{")):
            selectors.append(line.strip(" ,{"))
        if line.endswith("{") and selectors:
            yield media, tuple(selectors)
            selectors = []


def test_a_page_loads_every_sheet_but_the_one_of_the_error_pages():
    assert {*STYLES, "error"} == set(SHEETS)


def test_only_the_tokens_name_colours():
    others = {name: text for name, text in SHEETS.items() if name != "tokens"}
    others |= {path.name: path.read_text() for path in MARKUP} | {"report_file.css": REPORT_FILE}

    found = {
        name: COLOUR.findall(re.sub(r"&#\w+;|color-mix\(in srgb, currentcolor", "", text))
        for name, text in others.items()
    }

    assert {name: colours for name, colours in found.items() if colours} == {}


def test_every_token_is_defined_once_and_used():
    defined = Counter(re.findall(r"^  (--cf-[a-z0-9-]+):", SHEETS["tokens"], re.MULTILINE))
    written = "\n".join([*SHEETS.values(), REPORT_FILE])
    used = set(re.findall(r"var\((--cf-[a-z0-9-]+)\)", written))
    drawn = set(re.findall(r'colour\("([a-z-]+)"\)', USERS)) | {f"series-{number}" for number in range(1, 7)}

    assert set(defined) == used | {f"--cf-{name}" for name in drawn}
    assert max(defined.values()) == 1


def test_every_class_has_a_rule_and_every_rule_a_page():
    styled = set(re.findall(r"\.(cf-[a-z0-9-]+)", "\n".join(SHEETS.values())))
    named = set(re.findall(r"(?<![\w-])cf-[a-z0-9-]+", USERS))
    completed = {start + end for start, ends in COMPLETED.items() for end in ends}

    assert named - styled == set(COMPLETED) - {"cf-"}
    assert styled - named <= completed


def test_no_rule_stands_twice():
    every = Counter(rule for name, text in SHEETS.items() if name != "error" for rule in _rules(text))

    assert {rule: times for rule, times in every.items() if times > 1} == {}
