"""System checks of the settings of exports, run when a command starts."""

from django.core.checks import Error

from feedback.endpoints.endpoints import InvalidEndpoints, endpoints


def gate_endpoints(**_) -> list[Error]:
    try:
        endpoints()
    except InvalidEndpoints as error:
        return [Error(str(error), id="exports.E001")]
    return []
