"""What an export would hold, in words."""

from collections.abc import Mapping
from typing import Any

from curation.choices import Split
from exports.batches.review.preview import ExportPreview
from exports.choices import LeftOut, ProductName

_ROWS_OF_SETS = {"examples": "Examples of the set", "pairs": "Pairs of the set"}


def build(found: ExportPreview) -> dict[str, Any]:
    facts = [(_rows(row), f"{row['rows']:,}") for row in found.rows] or [("Rows", "none")]
    facts.append(("Users", f"{found.people:,}"))
    facts.append(("Deployment", ", ".join(found.deployments) or "none"))
    if found.masks is not None:
        masks = ", ".join(f"{kind} {number:,}" for kind, number in found.masks.items())
        facts.append(("Masked in the texts", masks or "nothing"))
    if found.first_at and found.last_at:
        facts.append(("Events of", f"{found.first_at:%Y-%m-%d %H:%M} to {found.last_at:%Y-%m-%d %H:%M} UTC"))
    facts += [("Left out", f"{number:,} {LeftOut(reason).label}") for reason, number in found.excluded.items()]
    return {"facts": facts, "note": found.note}


def _rows(row: Mapping[str, Any]) -> str:
    name = _ROWS_OF_SETS.get(row["product"]) or ProductName(row["product"]).label.partition(":")[0]
    return f"{name}, {Split(row['split']).label.lower()}"
