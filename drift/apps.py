from django.apps import AppConfig
from django.core.checks import register


class DriftConfig(AppConfig):
    name = "drift"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from drift import checks  # noqa: PLC0415 - models are ready now

        register(checks.trigger_settings)
