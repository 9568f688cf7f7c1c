"""Pages around the API: a person's tokens, and the description of every address."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularJSONAPIView

from webapp.accounts import audit
from webapp.accounts.requests import PersonRequest
from webapp.api import tokens as service
from webapp.api.forms import TokenForm
from webapp.api.models import AccessToken
from webapp.api.v1.base import ApiView


class Schema(ApiView, SpectacularJSONAPIView):
    """The OpenAPI description, as JSON."""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: PersonRequest) -> HttpResponseBase:
    """The person's tokens; POST makes one, whose secret is on the answer and never again."""
    form = TokenForm(request.POST or None)
    secret = ""
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        days = int(given["days"]) if given["days"] else None
        _, secret = service.make(request.user, given["name"], given["scopes"], days)
        audit.note(audit.Act.TOKEN, request.user, words=given["name"], request=request)
        form = TokenForm()
    found = AccessToken.objects.for_user(request.user)
    return render(request, "api/tokens.html", {"form": form, "secret": secret, "tokens": found})


@login_required
@require_POST
def revoke(request: PersonRequest, pk: int) -> HttpResponseBase:
    """End one of the person's tokens."""
    found = get_object_or_404(AccessToken.objects.for_user(request.user), pk=pk)
    service.revoke(found)
    audit.note(audit.Act.REVOKE, request.user, words=f"token {found.name}", request=request)
    messages.success(request, f"{found.name} is revoked.")
    return redirect("api:tokens")


@login_required
@require_safe
def docs(request: PersonRequest) -> HttpResponseBase:
    """Every address with its parameters and fields, drawn from the OpenAPI description; no script, nothing fetched."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    operations = [
        _operation(method, path, each, schema)
        for path, methods in schema["paths"].items()
        for method, each in methods.items()
    ]
    return render(request, "api/docs.html", {"operations": operations})


def _operation(
    method: str, path: str, each: dict[str, Any], schema: dict[str, Any]
) -> dict[str, Any]:
    return {
        "method": method.upper(),
        "path": path,
        "words": each.get("description", ""),
        "parameters": each.get("parameters", []),
        "fields": _fields(_shape_of(each.get("requestBody", {})), schema),
        "answers": {
            code: _fields(_shape_of(row), schema) for code, row in each.get("responses", {}).items()
        },
    }


def _shape_of(message: dict[str, Any]) -> dict[str, Any]:
    contents: dict[str, dict[str, Any]] = message.get("content", {})
    for content in contents.values():
        shape: dict[str, Any] = content.get("schema", {})
        return shape
    return {}


def _fields(shape: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Fields of a shape, following one reference and one list."""
    while True:
        if "$ref" in shape:
            shape = schema["components"]["schemas"][shape["$ref"].rsplit("/", 1)[-1]]
        elif shape.get("type") == "array":
            shape = shape["items"]
        elif "results" in shape.get("properties", {}):
            shape = shape["properties"]["results"]
        else:
            break
    needed = set(shape.get("required", []))
    return [
        {"name": name, "type": _type(row), "needed": name in needed}
        for name, row in shape.get("properties", {}).items()
    ]


def _type(row: dict[str, Any]) -> str:
    if "enum" in row:
        return " | ".join(str(value) for value in row["enum"])
    return str(row.get("format") or row.get("type") or "object")
