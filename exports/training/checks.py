"""System checks of TRAINERS, run when a command starts."""

from django.conf import settings
from django.core.checks import Error, Warning

from exports.training import trainers


def trainer_settings(**_) -> list[Error | Warning]:
    found = [Error(problem, id="exports.E001") for problem in trainers.problems()]
    if trainers.names() and settings.HTTPS_ONLY and not settings.PUBLIC_URL.startswith("https://"):
        message = "PUBLIC_URL must start with https://: with HTTPS_ONLY, reports of trainers to it are redirected."
        found.append(Warning(message, id="exports.W001"))
    return found
