"""What a response appears to be, and whether it is well-formed as that."""

import pytest

from feedback.quality.scoring import assess


@pytest.mark.parametrize(
    ("response", "kind", "valid"),
    [
        ("", "empty", False),
        ("  ", "empty", False),
        ('{"a": 1}', "json", True),
        ('{"a": 1,}', "json", False),
        ("[1, 2", "json", False),
        ('```json\n{"a": 1}\n```', "json", True),
        ('```json\n{"a": 1\n```', "json", False),
        ("```\ncode\n```", "markdown", True),
        ("~~~\ncode\n~~~", "markdown", True),
        ("```\ncode", "markdown", False),
        ("1. ```\n   code\n   ```\n2. done", "markdown", True),
        ("# Title\n\n- one\n- two", "markdown", True),
        ("Use `x` here", "markdown", True),
        ("[1] is a citation", "plain", True),
        ("[Verse 1]\nLa la", "plain", True),
        ("{name} is a placeholder", "plain", True),
        ("Just text.", "plain", True),
        ('{"id": 1}\n{"id": 2}', "json", True),
        ('{"id": 1, "note": "a\u2028b"}\n\n{"id": 2}\n', "json", True),
        ('[1, "a"]\r\n[2, "b"]', "json", True),
        ('```jsonl\n{"id": 1}\n{"id": 2}\n```', "json", True),
        ('```\n{"id": 1}\n{"id": 2}\n```', "json", True),
        ('{"id": 1}\n{"id": 2', "json", False),
        ('{"id": 1}\nand so on', "json", False),
        ('{"id": 1} {"id": 2}', "json", False),
        ('{"id": 1}\n2', "json", False),
        ("[1, 2] Moreau and Lind disagree.", "plain", True),
        ("[3, 5-7]: the reviews say otherwise.", "plain", True),
        ("[4, 5](https://example.org) has it.", "markdown", True),
        ("[[2]] Lind 2019 repeats the trial.", "plain", True),
        ("[[Main page]] links there.", "plain", True),
        ("[ ] buy bread\n[ ] call Ann", "plain", True),
        ("[] and {} are empty in Python.", "plain", True),
        ("{} stands for an empty set.", "plain", True),
        ("{sic} he wrote it so.", "plain", True),
        ("[1, 2, 3]", "json", True),
        ("[[1, 2], [3, 4]]", "json", True),
        ("[[1, 2], [3, 4]", "json", False),
        ('["a", "b"] as asked', "json", False),
        ("[][]", "json", False),
        ("{'city': 'Oslo', 'mayor': None}", "json", False),
        ("{'city':", "json", False),
        ("[{'city': 'Oslo'}, {'city': 'Bergen'}]", "json", False),
        ("['Oslo', 'Bergen']", "json", False),
        ("['Oslo']", "json", False),
        ("[True, False]", "json", False),
        ("{1: 'one', 2: 'two'}", "json", False),
        ("{'it\\'s': 1}", "json", False),
        ("```json\n{'city': 'Oslo'}\n```", "json", False),
        ("```\n{'city': 'Oslo'}\n```", "markdown", True),
        ("['tis the season to be jolly]", "plain", True),
        ("{12:30} is when it starts.", "plain", True),
        (f'{{"wei": {"7" * 400}}}', "json", True),
    ],
)
def test_format_is_recognised(response, kind, valid):
    result = next(check for check in assess("", response).checks if check.name == "format")

    assert result.details == {"format": kind, "valid": valid}
    assert result.passed is valid
