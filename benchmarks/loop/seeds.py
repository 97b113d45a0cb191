"""Runs seeds in two processes, one thread each."""

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import django

from benchmarks.loop.texts import TASKS, task
from benchmarks.loop.traffic import FEWER, Attack

PROCESSES = 2


def set_up() -> None:
    """Settings for kernels, and one thread."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.update({"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"})
    django.setup()


def measured(
    tasks: Sequence[str], attacks: Sequence[Attack], seeds: Sequence[int], *, held_out: bool
) -> tuple[str, tuple[str, ...], list[tuple]]:
    """The title, header and lines of the table of gains."""
    from benchmarks.loop import arms, report  # noqa: PLC0415 - needs django.setup

    of_task = {name: [one for one in attacks if name == TASKS[0] or one.name in FEWER] for name in tasks}
    wanted = [(name, seed, of_task[name], held_out) for seed in seeds for name in tasks]
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn"), initializer=set_up) as pool:
        found = [one for some in pool.map(_one_seed, wanted) for one in some]
    found.sort(key=lambda one: (tasks.index(one[0][0]), [attack.name for attack in attacks].index(one[0][1])))
    half = "held-out" if held_out else "tuning"
    title = f"Gains of a student in macro-F1, {len(seeds)} paired seeds on the {half} half"
    return title, report.HEADER, report.lines(found, against=arms.RAW)


def _one_seed(wanted: tuple) -> list[tuple]:
    from benchmarks.loop import arms  # noqa: PLC0415 - needs django.setup

    name, seed, attacks, held_out = wanted
    found = arms.results(task(name, held_out=held_out), seed, attacks)
    return [((name, attack.name), seed, result) for attack, result in found]
