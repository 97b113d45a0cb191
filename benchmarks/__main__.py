"""Runs the benchmarks: `python -m benchmarks [large] [--json FILE]`."""

import argparse
import json
import time
from pathlib import Path
from types import ModuleType

from benchmarks import (
    audits,
    bench_anytime,
    bench_calibration,
    checks_unseen,
    diverse,
    drift_calibration,
    drift_check,
    drift_real,
    drift_series,
    edits,
    event_files,
    evidence,
    evidence_attacks,
    evidence_volume,
    exports,
    exports_large,
    flags,
    ingestion,
    ingestion_memory,
    judging,
    labelled_data,
    languages,
    masking,
    masking_phones,
    near_copies,
    near_copies_built,
    near_copies_large,
    quality_checks,
    quality_drop,
    repeats,
    reviewing,
    rollups,
    selection,
    selection_edits,
    selection_volume,
    selection_volume_large,
    tool_names,
    volume,
)
from benchmarks.loop import quick as loop_quick

ON_LABELLED_DATA = (
    masking,
    quality_checks,
    checks_unseen,
    repeats,
    flags,
    edits,
    evidence,
    evidence_attacks,
    selection,
    selection_edits,
    tool_names,
    loop_quick,
    drift_real,
    drift_series,
)
QUICK = (
    languages,
    masking_phones,
    diverse,
    bench_anytime,
    bench_calibration,
    drift_calibration,
    drift_check,
    quality_drop,
    audits,
    ingestion,
    rollups,
    evidence_volume,
    near_copies,
    near_copies_built,
    selection_volume,
    reviewing,
    exports,
    judging,
)
LARGE = (exports_large, near_copies_large, selection_volume_large, event_files, ingestion_memory, volume)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("size", nargs="?", choices=["quick", "large"], default="quick")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    modules = [*_with_data(), *QUICK, *(LARGE if arguments.size == "large" else ())]
    results = {module.__name__: _run(module) for module in modules}
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1, default=str) + "\n")


def _with_data() -> tuple[ModuleType, ...]:
    if labelled_data.data_folder().is_dir():
        return ON_LABELLED_DATA
    print(f"Skipped, no data: {', '.join(module.__name__ for module in ON_LABELLED_DATA)}.")
    print(labelled_data.ABSENT.format(labelled_data.data_folder()))
    return ()


def _run(module: ModuleType) -> dict:
    """Run one benchmark, which prints its tables, and keep them."""
    tables = []

    def print_and_keep(title, header, lines):
        labelled_data.print_table(title, header, lines)
        tables.append({"title": title, "rows": [dict(zip(header, line, strict=True)) for line in lines]})

    module.print_table = print_and_keep
    begun = time.monotonic()
    module.main()
    return {"seconds": round(time.monotonic() - begun, 1), "tables": tables}


if __name__ == "__main__":
    main()
