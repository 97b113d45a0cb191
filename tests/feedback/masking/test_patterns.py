import pytest

from feedback.masking import KINDS, InvalidPattern, compile_pattern, mask_text


def test_custom_pattern_replaces_its_matches():
    ticket = compile_pattern("TICKET", r"T-\d+", "<ticket>")
    badge = compile_pattern("BADGE", r"B(\d)\d{2}")

    masked = mask_text("T-1 and B123 and a@b.com", patterns=[ticket, badge])

    assert masked.text == "<ticket> and [BADGE] and [EMAIL]"
    assert [span.kind for span in masked.spans] == ["TICKET", "BADGE", "EMAIL"]


@pytest.mark.parametrize(
    ("name", "expression", "replacement", "field", "reason"),
    [
        ("", "a", None, "name", "A name has 1 to 32 capital letters"),
        ("ticket", "a", None, "name", "A name has 1 to 32 capital letters"),
        ("A" * 33, "a", None, "name", "A name has 1 to 32 capital letters"),
        ("PHONE", "a", None, "name", "is a built-in kind"),
        ("A", "", None, "expression", "1 to 1,000 characters"),
        ("A", "a" * 1_001, None, "expression", "1 to 1,000 characters"),
        ("A", "(", None, "expression", "not a regular expression in RE2 syntax: missing )"),
        ("A", r"(a)\1", None, "expression", "not a regular expression in RE2 syntax: invalid escape sequence"),
        ("A", r"a(?=b)", None, "expression", "not a regular expression in RE2 syntax: invalid perl operator"),
        ("A", r"((\pL{100}){10}){1000}", None, "expression", "not a regular expression in RE2 syntax"),
        ("A", r"\pL{1000}\pN{1000}", None, "expression", "not a regular expression in RE2 syntax: pattern too large"),
        ("A", "\ud800", None, "expression", "contains a lone surrogate"),
        ("A", "a*", None, "expression", "matches the empty string"),
        ("A", r"\b", None, "expression", "matches the empty string"),
        ("A", "x|$", None, "expression", "matches the empty string"),
        ("A", "a", "", "replacement", "1 to 64 printable characters"),
        ("A", "a", " ", "replacement", "1 to 64 printable characters"),
        ("A", "a", "x" * 65, "replacement", "1 to 64 printable characters"),
        ("A", "a", "x\ny", "replacement", "1 to 64 printable characters"),
        ("A", "a", "\ud800", "replacement", "1 to 64 printable characters"),
        ("A", "a", "no 1", "replacement", "contains a digit or @"),
        ("A", "a", "x@y", "replacement", "contains a digit or @"),
        ("A", "[a-z]+", "hidden", "replacement", "matched by its own pattern"),
    ],
)
def test_unusable_pattern_is_rejected_with_its_reason(name, expression, replacement, field, reason):
    with pytest.raises(InvalidPattern, match=reason.replace("(", r"\(").replace(")", r"\)")) as refusal:
        compile_pattern(name, expression, replacement)

    assert refusal.value.field == field


@pytest.mark.parametrize("kind", KINDS)
def test_pattern_leaves_masks_as_they_are(kind):
    capitals = compile_pattern("CODE", r"[A-Z_]{2,}")

    assert mask_text(f"[{kind}] [CODE] ABC", patterns=[capitals]).text == f"[{kind}] [CODE] [CODE]"


def test_match_that_goes_beyond_a_mask_is_masked():
    line = compile_pattern("LINE", r"name: .+")

    assert mask_text("name: [EMAIL] Bob", patterns=[line]).text == "[LINE]"


def test_what_a_replacement_uncovers_is_masked_at_once():
    first = compile_pattern("FIRST", "ab", "x")
    second = compile_pattern("SECOND", "xc")

    assert mask_text("abc", patterns=[first, second]).text == "[SECOND]"


def test_patterns_whose_replacements_feed_each_other_end():
    there = compile_pattern("THERE", "a", "bc")
    back = compile_pattern("BACK", "b", "a")

    masked = mask_text("aabb cab", patterns=[there, back])

    assert mask_text(masked.text, patterns=[there, back]).text == masked.text
