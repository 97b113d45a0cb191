"""The project's settings, on servers of their own unless the environment names some."""

from tests import environment

environment.provide()

from config.settings import *  # noqa: E402, F403
