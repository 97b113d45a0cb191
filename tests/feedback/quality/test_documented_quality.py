"""docs/quality.md says what the profiles do."""

import re
from pathlib import Path

import pytest

from feedback.quality.profiles import PROFILES

DOCUMENT = (Path(__file__).resolve().parents[3] / "docs" / "quality.md").read_text()
HEADINGS = {"default": "The checks of the default profile", "crucible": "The crucible profile"}


def table(heading):
    """The cells of the first table of a section, without its head and without back quotes."""
    section = DOCUMENT.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    body = re.search(r"^\|---.*\n((?:\|.*\n)+)", section, re.MULTILINE)[1]
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in body.splitlines()]


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_every_profile_is_documented_with_its_checks_versions_and_weights(profile):
    documented = [(name, version, float(weight)) for name, version, weight, *_ in table(HEADINGS[profile.name])]

    assert documented == [(check.name, check.version, profile.weights[check.name]) for check in profile.checks]
    assert f"`{profile.version}`" in DOCUMENT


def test_every_cap_is_documented_with_its_limit():
    documented = [(name, float(at)) for name, at, _ in table("Weights and caps")]

    assert documented == [(rule.cap.name, rule.cap.at) for rule in PROFILES["default"].caps]
    assert PROFILES["crucible"].caps == ()
