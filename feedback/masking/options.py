from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """What an installation chooses of masking.

    secret_names: further names whose values are secrets, such as "vault_pin", in any spelling of case, dash and
    underscore. private_addresses: whether IP addresses that identify no machine, such as 10.0.0.1, are masked too.
    """

    secret_names: frozenset[str] = frozenset()
    private_addresses: bool = False


DEFAULTS = Options()
