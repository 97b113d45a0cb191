"""Rejects ids that name no row, before a page of the console reads the row."""

from collections.abc import Callable
from functools import wraps

from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import Http404, HttpResponse


def with_known_ids(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view of a model's admin, called only with ids that the model can have; an action, only with those of rows."""
    model_admin = getattr(view, "__self__", None)
    if not isinstance(model_admin, ModelAdmin):
        return view

    @wraps(view)
    def checked(request, *args, **kwargs):
        if not _are_ids(model_admin.opts.pk, request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest("The selection names something that is no id.")
        object_id = kwargs.get("object_id") if _is_action(view) else None
        if object_id is not None and model_admin.get_object(request, object_id) is None:
            raise Http404 if _is_permitted(model_admin, view, request) else PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def _is_action(view: Callable[..., HttpResponse]) -> bool:
    # Django's own pages answer an unknown id with a message.
    return hasattr(view, "original_function_name")


def _is_permitted(model_admin: ModelAdmin, view: Callable[..., HttpResponse], request) -> bool:
    names = getattr(view, "allowed_permissions", ())
    return all(getattr(model_admin, f"has_{name}_permission")(request) for name in names)


def _are_ids(key, values: list[str]) -> bool:
    try:
        for value in values:
            key.to_python(value)
    except ValidationError:
        return False
    return True
