"""What `drift_detection` of a deployment's Feedback.Config says of its windows."""

from django.conf import settings

from drift.windows.window import MAX_EVENTS
from feedback.models import Deployment


def window_size(deployment_id: str) -> int:
    """How many events a window has where nobody says: of the document, if it can be used; else of the installation."""
    document = Deployment.objects.values_list("drift_detection", flat=True).get(pk=deployment_id) or {}
    size = document.get("window_size")
    is_usable = isinstance(size, int) and not isinstance(size, bool) and 1 <= size <= MAX_EVENTS
    return size if is_usable else settings.DRIFT_WINDOW
