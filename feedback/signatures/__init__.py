from feedback.signatures.keys import KEY_BYTES, exact_key, normal_key, normalised
from feedback.signatures.minhash import BANDS, PERMUTATIONS, VERSION, band_keys, keys_of_band, signatures, similarity

__all__ = [
    "BANDS",
    "KEY_BYTES",
    "PERMUTATIONS",
    "VERSION",
    "band_keys",
    "exact_key",
    "keys_of_band",
    "normal_key",
    "normalised",
    "signatures",
    "similarity",
]
