"""The README.md of a data set folder: what `load_dataset` needs to know, and what a reader should."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from huggingface_hub import DatasetCard, DatasetCardData

from exports.choices import LeftOut, ProductName
from exports.formats import columnar
from exports.formats.parquet import Written

_MARKUP = re.compile(r"([\\`*_\[\]<>|#])")
_LIMITS = """\
- The rows are a selection, not a sample: they say nothing about how often something happens in the traffic.
- Who reacts to an answer differs from who does not, and rows were partly selected by reactions.
- Texts are as they were stored, after masking. Masking finds patterns; a name or a secret in an
  unusual form can remain.
- The answers were not checked for facts beyond the review that approved the set."""


# The files of each split of a product, by their paths in the folder.
_Files = Mapping[str, Written]


def text(manifest: Mapping[str, Any], files: _Files) -> str:
    """The card of a folder with these files, described by the manifest."""
    products: dict[str, dict[str, Written]] = {}
    for path, written in files.items():
        products.setdefault(written.table.product, {})[path] = written
    data = DatasetCardData(
        license=manifest.get("license"),
        pretty_name=manifest.get("set"),
        configs=[_config(name, files, is_first=not index) for index, (name, files) in enumerate(products.items())],
        dataset_info=[_info(name, list(files.values())) for name, files in products.items()],
    )
    return str(DatasetCard(f"---\n{data.to_yaml()}\n---\n\n{_prose(manifest, products)}"))


def _config(product: str, files: _Files, *, is_first: bool) -> dict[str, Any]:
    paths = [{"split": written.table.split, "path": path} for path, written in files.items()]
    return {"config_name": product, "data_files": paths} | ({"default": True} if is_first else {})


def _info(product: str, files: Sequence[Written]) -> dict[str, Any]:
    return {
        "config_name": product,
        "features": columnar.listed_features(columnar.schema(files[0].table)),
        "splits": [
            {"name": written.table.split, "num_bytes": written.arrow_bytes, "num_examples": written.table.rows}
            for written in files
        ],
        "download_size": sum(written.facts.bytes for written in files),
        "dataset_size": sum(written.arrow_bytes for written in files),
    }


def _prose(manifest: Mapping[str, Any], products: Mapping[str, _Files]) -> str:
    sections = [
        ("Contents", _contents(products)),
        ("Where the rows come from", _origin(manifest)),
        ("Balance", _balance({name: manifest.get("figures", {}).get(name, {}) for name in products})),
        ("What was left out", _left_out(manifest)),
        ("What this set does not show", _LIMITS),
    ]
    title = _plain(manifest.get("set", "Curated set"))
    return f"# {title}\n" + "".join(f"\n## {heading}\n\n{body}\n" for heading, body in sections if body)


def _contents(products: Mapping[str, _Files]) -> str:
    rows = [
        (f"`{name}`", str(ProductName(name).label), written.table.split, f"{written.table.rows:,}")
        for name, files in products.items()
        for written in files.values()
    ]
    first = next(iter(products))
    return (
        f"{_table(('Config', 'Product', 'Split', 'Rows'), rows)}\n\n"
        f'`datasets.load_dataset("path/to/this/folder", "{first}")` loads a config; the first one is the default. '
        "`sha256sum --check SHA256SUMS` checks the files."
    )


def _origin(manifest: Mapping[str, Any]) -> str:
    request, selection = manifest.get("request", {}), manifest.get("selection", {})
    training, approvals = manifest.get("training", {}), manifest.get("approvals", ())
    facts = [
        ("Deployment", manifest.get("deployment")),
        ("Version of the set", manifest.get("semantic_version")),
        ("Strategies", ", ".join(request.get("strategies", ()))),
        ("Events read", selection.get("candidates")),
        ("Largest number of examples that rest on one person", selection.get("influence", {}).get("rows")),
        *(("Near-copies", f"{kind}: {_counts(counts)}") for kind, counts in manifest.get("duplicates", {}).items()),
        *((f"Events left out that {one['evaluation_set']} holds", one["events"]) for one in _hits(manifest)),
        *((f"Approval of the {one['of']}", one["at"]) for one in approvals),
        ("Training allowed for every row", "yes" if training.get("training_allowed") else None),
        ("License", manifest.get("license")),
        ("SHA-256 of the content", manifest.get("content_hash")),
        ("Options of the export", _counts(manifest.get("options", {}))),
    ]
    rows = [(_plain(name), _plain(str(value))) for name, value in facts if value not in (None, "")]
    return (
        "The rows were selected from the traffic of a deployment into a curated set that was reviewed and approved."
        f"\n\n{_table(('Fact', 'Value'), rows)}\n\n"
        "`manifest.json` has the lineage in full, with filters, parameters and the outcomes of all events."
    )


def _hits(manifest: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return manifest.get("decontamination", ())


def _counts(counts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in counts.items())


def _balance(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """What a trainer should know of pairs and labels before it trains on them."""
    lines = []
    for product, found in figures.items():
        if lengths := found.get("lengths"):
            chosen, rejected = lengths["mean_characters_chosen"], lengths["mean_characters_rejected"]
            lines.append(
                f"- `{product}`: chosen answers have {chosen:,.0f} characters on average, rejected ones "
                f"{rejected:,.0f}; the chosen one is longer in {lengths['share_chosen_longer']:.0%} of the pairs."
            )
            lines += [f"  {lengths['warning']}"] if lengths["warning"] else []
        if labels := found.get("labels"):
            lines.append(f"- `{product}`: {labels['desirable']:,} good and {labels['undesirable']:,} bad answers.")
            if labels["desirable_weight"]:
                weights = f"{labels['desirable_weight']:g} and undesirable_weight {labels['undesirable_weight']:g}"
                lines.append(f"  With desirable_weight {weights} of TRL's `KTOConfig` both count about the same.")
    return "\n".join(lines)


def _left_out(manifest: Mapping[str, Any]) -> str:
    rows = [
        (f"`{product}`", str(LeftOut(reason).label), f"{count:,}")
        for product, counts in manifest.get("left_out", {}).items()
        for reason, count in counts.items()
    ]
    if not rows:
        return "Every row of the set that a product reads has a record."
    return "Rows of the set without a record in a product:\n\n" + _table(("Product", "Rows", "Number"), rows)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, ("---",) * len(heads), *rows))


def _plain(value: str) -> str:
    """A text of others on one line, without effect on the layout."""
    return _MARKUP.sub(r"\\\1", " ".join(value.split()))
