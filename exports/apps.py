from django.apps import AppConfig
from django.core.checks import register


class ExportsConfig(AppConfig):
    name = "exports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from exports import checks  # noqa: PLC0415 - models are ready now
        from exports.training import checks as training_checks  # noqa: PLC0415

        register(checks.gate_endpoints)
        register(training_checks.trainer_settings)
