"""Reading over the API needs what the console's page of the same rows needs: the user's permission to view them."""

from rest_framework.permissions import BasePermission


def may_view(user, model: str) -> bool:
    """Whether this user may view the rows of a model, given as `app.name`; whoever may change them may view them."""
    app, name = model.split(".")
    return user.has_perm(f"{app}.view_{name}") or user.has_perm(f"{app}.change_{name}")


class MayView(BasePermission):
    """A view with GET names the model whose rows it shows in `shows`."""

    def has_permission(self, request, view):
        # What belongs to a training run is open to its key, whose user may not view exports.
        if request.method not in ("GET", "HEAD") or request.auth.is_of_run:
            return True
        self.message = lacks_permission(view.shows)
        return may_view(request.user, view.shows)


def lacks_permission(model: str) -> str:
    app, name = model.split(".")
    return f"The user of this API key lacks the permission {app}.view_{name}."
