"""The prompt that an address names, and errors of prompts as responses."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.http import Http404
from rest_framework.exceptions import NotFound

from feedback.api.errors import Conflict, Unavailable, invalid
from feedback.field_errors import FieldError
from feedback.models import Deployment, Prompt, PromptVersion
from feedback.prompts import registry, resolving
from feedback.prompts.drafts import InvalidPrompt
from feedback.prompts.filling import InvalidValues
from feedback.serializers.prompts import PromptQuerySerializer


def find(request, name: str, serializer=PromptQuerySerializer) -> tuple[Prompt, dict]:
    """The prompt of this name and the other query parameters. Raises NotFound and ValidationError."""
    query = serializer(data=request.query_params.dict())
    query.is_valid(raise_exception=True)
    given = dict(query.validated_data)
    try:
        return resolving.find(request.auth, name, deployment_id=given.pop("deployment_id", "")), given
    except resolving.PromptNotFound as error:
        raise NotFound(str(error)) from error
    except resolving.AmbiguousPrompt as error:
        raise invalid(FieldError("deployment_id", "required", str(error))) from error


@contextmanager
def answered_errors() -> Iterator[None]:
    """Errors of the registry, as the response that each of them is."""
    try:
        yield
    except InvalidPrompt as error:
        raise invalid(*error.errors) from error
    except registry.PromptNotAllowed as error:
        raise Conflict(str(error)) from error
    except (Prompt.DoesNotExist, PromptVersion.DoesNotExist, Deployment.DoesNotExist) as error:
        raise Http404 from error
    except resolving.PromptNotFound as error:
        raise NotFound(str(error)) from error
    except resolving.InvalidVersions as error:
        raise invalid(FieldError("prompt_version", "invalid", str(error))) from error
    except resolving.InvalidSetting as error:
        raise Unavailable(str(error)) from error
    except InvalidValues as error:
        code = "missing" if error.missing else "unknown"
        raise invalid(FieldError("variables", code, str(error))) from error
    except resolving.TooLong as error:
        raise invalid(FieldError("variables", "too_long", str(error))) from error
