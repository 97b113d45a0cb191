"""Window settings in `drift_detection` of a deployment's Feedback.Config."""

from django.conf import settings

from drift.windows.window import MAX_EVENTS
from feedback.models import Deployment


def window_size(deployment_id: str) -> int:
    """The default number of events in a window: from the document if valid, else from the settings."""
    document = Deployment.objects.values_list("drift_detection", flat=True).get(pk=deployment_id) or {}
    size = document.get("window_size")
    is_usable = isinstance(size, int) and not isinstance(size, bool) and 1 <= size <= MAX_EVENTS
    return size if is_usable else settings.DRIFT_WINDOW
