from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class RootConfig(AppConfig):
    name = "config"


class ConsoleConfig(AdminConfig):
    default_site = "config.console.site.ConsoleSite"
