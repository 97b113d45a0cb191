from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.checks import Error, register


def own_check_settings(**_) -> list[Error]:
    """What is wrong with QUALITY_CHECKS, found when a command starts."""
    from feedback.quality import own_checks  # noqa: PLC0415 - models are ready now

    return [Error(problem, id="feedback.E001") for problem in own_checks.problems()]


class RootConfig(AppConfig):
    name = "config"

    def ready(self):
        register(own_check_settings)


class ConsoleConfig(AdminConfig):
    default_site = "config.console.site.ConsoleSite"
