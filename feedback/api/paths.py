"""Path converters of ids: an invalid id is not found."""

from uuid import UUID

from feedback.identifiers import DEPLOYMENT_ID


class DeploymentConverter:
    regex = DEPLOYMENT_ID.pattern

    def to_python(self, value):
        return value

    def to_url(self, value):
        return value


class AnyUuidConverter:
    """A UUID with or without dashes, in either case."""

    regex = "[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{12}"

    def to_python(self, value):
        return UUID(value)

    def to_url(self, value):
        return str(value)
