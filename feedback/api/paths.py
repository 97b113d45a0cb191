"""Path converters of ids: an invalid id is not found."""

from uuid import UUID

from feedback.identifiers import DEPLOYMENT_ID, PROMPT_LABEL


class DeploymentConverter:
    regex = DEPLOYMENT_ID.pattern

    def to_python(self, value):
        return value

    def to_url(self, value):
        return value


class PromptLabelConverter:
    """The name of a prompt or of a version of one."""

    regex = PROMPT_LABEL.pattern

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
