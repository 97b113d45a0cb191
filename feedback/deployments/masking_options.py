"""The masking options of the installation, the same for every deployment. Needs no models: nor does the stream."""

from functools import lru_cache

from django.conf import settings

from feedback.masking import Options


def masking_options() -> Options:
    return _options(tuple(settings.MASK_SECRET_NAMES), settings.MASK_PRIVATE_ADDRESSES)


@lru_cache(maxsize=8)
def _options(secret_names: tuple[str, ...], private_addresses: bool) -> Options:
    return Options(frozenset(secret_names), private_addresses)
