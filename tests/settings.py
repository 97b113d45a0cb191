"""The project's settings, on servers of their own unless the environment names some."""

from tests import environment

environment.provide()

from config.settings import *  # noqa: E402, F403

# Every client of a test builds the middleware anew, and would read the names of all static files each time.
WHITENOISE_AUTOREFRESH = True
