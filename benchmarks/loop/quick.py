"""A part of `make bench-loop` for every run of the benchmarks: three seeds of three attacks, on the half to tune on."""

from benchmarks.labelled_data import print_table, require_data
from benchmarks.loop import seeds
from benchmarks.loop.texts import TASKS
from benchmarks.loop.traffic import ATTACKS

SEEDS = range(3)
SOME = ("no attack", "20 % × 4", "35 % × 4")


def main() -> None:
    require_data()
    seeds.set_up()
    attacks = [attack for attack in ATTACKS if attack.name in SOME]
    print_table(*seeds.measured(TASKS[:1], attacks, SEEDS, held_out=False))


if __name__ == "__main__":
    main()
