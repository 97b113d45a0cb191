"""Embeds pending events before windows are read. A separate module, so that the web process does not load the model."""

import structlog

from feedback.embeddings import filling
from feedback.field_errors import printable
from feedback.models import SampledEvent

# Errors of a client may quote everything it was sent.
LONGEST_REASON = 200
log = structlog.get_logger(__name__)


def fill(deployment_id: str) -> str:
    """Embed pending events of this deployment's sample; return why that failed, or ''.

    A client is external code and may raise anything; the report shows the error.
    """
    if not SampledEvent.objects.to_embed().filter(deployment_id=deployment_id).exists():
        return ""
    try:
        filling.embed_sample()
    except Exception as error:  # noqa: BLE001 - external code
        log.warning("embedding_failed", deployment=deployment_id, error=type(error).__name__)
        reason = printable(str(error), most=LONGEST_REASON).replace("\0", "")
        return f"the embedding client failed: {type(error).__name__}: {reason}"
    return ""
