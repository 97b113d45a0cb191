"""The manifest of an export in words."""

from collections.abc import Mapping
from typing import Any

from curation.admin import request_words
from curation.choices import CopyMethod, LinkKind, Split, Strategy
from exports.choices import LeftOut, ProductName


def build(manifest: Mapping[str, Any]) -> dict[str, Any] | None:
    """Facts, tables and warnings; None for an export from before manifests had a lineage."""
    if "selection" not in manifest:
        return None
    facts = [*_of_set(manifest), *_of_rows(manifest), *_of_figures(manifest["figures"])]
    return {
        "facts": [(name, text) for name, text in facts if text],
        "tables": [
            {
                "product": _product(table["product"]),
                "split": Split(table["split"]).label,
                "rows": table["rows"],
                "columns": ", ".join(table["columns"]),
            }
            for table in manifest["tables"]
        ],
        "warnings": [
            found["lengths"]["warning"]
            for found in manifest["figures"].values()
            if found.get("lengths", {}).get("warning")
        ],
    }


def _of_set(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    request, selection = manifest["request"], manifest["selection"]
    found = [("Strategies", ", ".join(Strategy(name).label for name in request["strategies"]))]
    if selection["candidates"] is not None:
        found.append(("Events read", f"{selection['candidates']:,}"))
    found.append(("Influence", request_words.influence(selection["influence"])))
    found += [
        (LinkKind(kind).label.partition(":")[0] + " near-copies", _counts(CopyMethod, counts))
        for kind, counts in manifest["duplicates"].items()
    ]
    found += [
        (f"In {hit['evaluation_set']}", f"{hit['events']:,} left out ({hit['method']})")
        for hit in manifest["decontamination"]
    ]
    if selection["evidence_snapshot"] is not None:
        found.append(("Fit of votes", str(selection["evidence_snapshot"])))
    return found


def _of_rows(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = [(f"Approved the {approval['of']}", approval["by"] or "automatic") for approval in manifest["approvals"]]
    found.append(("License", manifest["license"] or "not stated"))
    kept_out = manifest["training"]["left_out"]
    found.append(("Training", f"allowed for every row; {kept_out:,} left out" if kept_out else "allowed for every row"))
    found += [
        (f"Left out of {_product(product)}", _counts(LeftOut, counts))
        for product, counts in manifest["left_out"].items()
    ]
    found.append(("Written by", ", ".join(f"{name} {text}" for name, text in manifest["versions"].items())))
    return found


def _of_figures(figures: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for parts in figures.values():
        if lengths := parts.get("lengths"):
            chosen, rejected = lengths["mean_characters_chosen"], lengths["mean_characters_rejected"]
            share, correlation = lengths["share_chosen_longer"], lengths["correlation_with_margin"]
            found.append(("Mean length", f"chosen {chosen:,.0f}, rejected {rejected:,.0f} characters"))
            found.append(("Chosen is longer", f"in {share:.0%} of {lengths['pairs']:,} pairs"))
            if correlation is not None:
                found.append(("Margin and length", f"correlation {correlation:.2f}"))
        if labels := parts.get("labels"):
            found.append(("Labels", f"{labels['desirable']:,} desirable, {labels['undesirable']:,} undesirable"))
            if labels["desirable_weight"]:
                weights = f"desirable {labels['desirable_weight']:g}, undesirable {labels['undesirable_weight']:g}"
                found.append(("Suggested weights", weights))
    return found


def _product(name: str) -> str:
    return ProductName(name).label.partition(":")[0]


def _counts(kind: Any, counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {kind(name).label.partition(':')[0].lower()}" for name, count in counts.items())
