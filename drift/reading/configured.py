"""Window settings in `drift_detection` of a deployment's Feedback.Config."""

from django.conf import settings

from feedback.deployments import documents
from feedback.models import Deployment


def window_size(deployment_id: str) -> int:
    """The default number of events in a window: from the document if valid, else from the settings."""
    document = Deployment.objects.values_list("drift_detection", flat=True).get(pk=deployment_id)
    return documents.detection_of(document).window_size or settings.DRIFT_WINDOW
