"""The profiles by name."""

from feedback.quality.profiles import crucible, default

PROFILES = {profile.name: profile for profile in (default.PROFILE, crucible.PROFILE)}
NAMES = tuple(PROFILES)
