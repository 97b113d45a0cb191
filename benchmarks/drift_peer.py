"""Evidently's DataDriftPreset on arrays that lie in a folder, timed: run by an interpreter of its own.

It needs pandas below 3, which this project does not: `python benchmarks/drift_peer.py FOLDER` prints its seconds.
"""

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset


def main(folder: Path) -> float:
    frames = {side: pd.DataFrame(np.load(folder / f"{side}.npz")[side]) for side in ("reference", "current")}
    for frame in frames.values():
        frame.columns = [f"column_{place}" for place in frame.columns]
    begun = time.process_time()
    Report([DataDriftPreset()]).run(frames["current"], frames["reference"])
    return time.process_time() - begun


if __name__ == "__main__":
    sys.stdout.write(f"{main(Path(sys.argv[1])):.3f}\n")
