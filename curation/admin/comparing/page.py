"""What the page of a comparison shows: the prompt and both answers, without what is known about them."""

from django.contrib.auth.models import User

from curation.admin import row_page
from curation.models import CuratedSet
from curation.review.comparisons import answers, leasing, positions
from curation.review.comparisons.errors import NotComparable


def build(curated_set: CuratedSet, reviewer: User) -> dict:
    """The context of the page; it reserves a comparison for the reviewer."""
    compared = positions.of_set(curated_set.pk)
    context = {"curated_set": curated_set, "compared": compared, "positions": describe_positions(compared)}
    try:
        found = leasing.next_for(curated_set, reviewer)
    except NotComparable as error:
        return {**context, "nothing": str(error)}
    if found is None:
        return {**context, "nothing": _nothing(compared)}
    comparison, both = found
    a, b = answers.shown(both, is_reversed=leasing.is_reversed(comparison, reviewer))
    shown = row_page.of_comparison(comparison.example, (a.text, a.message), (b.text, b.message))
    return {**context, "comparison": comparison, **shown}


def describe_positions(compared: positions.Compared) -> str:
    """Whether reviewers prefer a position, in words."""
    n = compared.preferences
    if compared.share_a is None or compared.interval is None:
        return f"Position bias: not enough data, {n} of {positions.FEWEST} preferences."
    low, high = (f"{100 * end:.0f} %" for end in compared.interval)
    share = f"A was preferred in {100 * compared.share_a:.0f} % of {n:,} preferences (95 % interval {low} to {high})."
    if compared.is_biased:
        return f"{share} The order is random, so reviewers prefer a position."
    return f"{share} The order is random; no position is clearly preferred."


def _nothing(compared: positions.Compared) -> str:
    if compared.left:
        return "Other reviewers have the remaining comparisons open. Reload this page later."
    if compared.decided:
        return "All comparisons of this set are decided."
    return "This set has no two answers to one prompt to compare."
