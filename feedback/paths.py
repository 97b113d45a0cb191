"""The deployment's id in a path: anything that cannot be one is not found."""

from feedback.ingestion.items import DEPLOYMENT_ID


class DeploymentConverter:
    regex = DEPLOYMENT_ID.pattern

    def to_python(self, value):
        return value

    def to_url(self, value):
        return value
