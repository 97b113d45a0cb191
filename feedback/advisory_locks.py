"""The numbers of all advisory locks in the database, in one place, so that no two are the same."""

from enum import IntEnum


class AdvisoryLock(IntEnum):
    SIGNALS = 0x5163_7E01
    NAMES = 0x5163_7E02
    ROLLUPS = 0x5163_7E03
    SCORES = 0x5163_7E04
    SIGNAL_NAMES = 0x5163_7E05
    EVIDENCE = 0x5163_7E06
    SCORE_NAMES = 0x5163_7E07
    FLAGS = 0x5163_7E08
    LABELS = 0x5163_7E09
    EXPORT_PATHS = 0x5163_7E0A
