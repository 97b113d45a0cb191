from feedback.signatures.keys import KEY_BYTES, exact_key, normal_key, normalised
from feedback.signatures.minhash import BANDS, PERMUTATIONS, VERSION, band_keys, signatures, similarity

__all__ = [
    "BANDS",
    "KEY_BYTES",
    "PERMUTATIONS",
    "VERSION",
    "band_keys",
    "exact_key",
    "normal_key",
    "normalised",
    "signatures",
    "similarity",
]
