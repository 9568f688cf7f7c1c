"""Downloads of a match: the page that asks, and the files."""

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from analysis.core.problems import InputProblem
from webapp.accounts import audit
from webapp.accounts.permissions import Deed, require
from webapp.analytics import selectors
from webapp.analytics.models import AnalysisRun
from webapp.exports import bringing, services
from webapp.exports.clips import MAX_BYTES
from webapp.exports.forms import BringForm, OptionsForm, options_of
from webapp.matches.models import Match

# The formats in the order a coach looks for them; others follow by name.
ORDER = (
    "match_report",
    "events_csv",
    "sportscode_xml",
    "longomatch_csv",
    "sctimeline",
    "chapters_vtt",
    "tracking_csv",
)
FIELDS = {
    "dialect": ("dialect",), "clips": ("lead", "lag"), "offset": ("offset",), "per_half": ("per_half",),
    "whole_seconds": ("whole_seconds",), "ascii": ("ascii",), "code_by_team": ("code_by_team",),
    "system": ("system",), "rate": ("rate",),
}  # fmt: skip


def _match(request: HttpRequest, pk: int, deed: Deed = Deed.EXPORT) -> Match:
    try:
        match = selectors.match_of(request.user, pk)
    except Match.DoesNotExist as error:
        raise Http404 from error
    require(request.user, deed, match.team)
    return match


def _run(request: HttpRequest, pk: int) -> AnalysisRun:
    run = selectors.shown_run(request.user, pk)
    if run is None:
        raise Http404("This match has no finished analysis yet.")
    return run


@login_required
@require_safe
def choose(request: HttpRequest, pk: int) -> HttpResponseBase:
    """All formats with their options; a form without JavaScript."""
    match = _match(request, pk)
    asked = request.GET.get("format", "")
    if asked:
        if asked not in services.format_names():
            raise Http404
        words = request.GET.copy()
        words.pop("format")
        given = {
            key: value for key, value in words.items() if value not in ("", "0", "all", "comma")
        }
        return redirect(reverse("exports:download", args=[pk, asked], query=given or None))
    context = {
        "match": match,
        "run": selectors.shown_run(request.user, pk),
        "formats": [_format_words(name) for name in ordered_names()],
        "form": OptionsForm(initial={"lead": 7, "lag": 5, "offset": 0, "system": "statsbomb"}),
    }
    return render(request, "exports/choose.html", context)


def note_export(request: HttpRequest, match: Match, name: str) -> None:
    """A line in the team's audit log."""
    words = f"{name} of {match.title}"
    audit.note(audit.Act.EXPORT, request.user, words=words, team=match.team, request=request)


def ordered_names() -> list[str]:
    """Names of all formats, the best known first."""
    names = services.format_names()
    return [n for n in ORDER if n in names] + [n for n in names if n not in ORDER]


def _format_words(name: str) -> dict[str, Any]:
    form = services.format_module(name)
    fields = [field for ask in form.ASKS for field in FIELDS[ask]]
    return {"name": name, "form": form, "fields": fields, "asks": " ".join(fields)}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A list of events from another tool becomes hand-made events."""
    match = _match(request, pk, Deed.CORRECT)
    form = BringForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            result = _brought(request, match, form)
        except InputProblem as problem:
            form.add_error("file", problem.sentence)
        else:
            messages.success(request, result.words)
            words = f"{result.added} events to {match.title}"
            audit.note(
                audit.Act.IMPORT, request.user, words=words, team=match.team, request=request
            )
            return redirect("analytics:room", pk=pk)
    readers = [bringing.reader(name) for name in bringing.reader_names()]
    context = {"match": match, "form": form, "readers": readers}
    return render(request, "exports/bring.html", context)


def _brought(request: HttpRequest, match: Match, form: BringForm) -> bringing.Brought:
    given = form.cleaned_data
    if given["file"].size > MAX_BYTES:
        raise InputProblem(
            "file_too_large",
            "This file is over 20 MB; lists of events are smaller. Choose another.",
        )
    clips = bringing.read(given["file"].name, given["file"].read())
    offset_ms = round(1000 * (given["offset"] or 0))
    return bringing.bring(
        request.user, match, clips, lead_ms=round(1000 * given["lead"]), offset_ms=offset_ms
    )


@login_required
@require_safe
def download(request: HttpRequest, pk: int, format_name: str) -> HttpResponseBase:
    """One file; the query holds the options of ``forms.OptionsForm``."""
    if format_name not in services.format_names():
        raise Http404
    match = _match(request, pk)
    run = _run(request, pk)
    found = services.download(request.user, match, run, format_name, options_of(request.GET))
    note_export(request, match, found.name)
    response = StreamingHttpResponse(found.pieces, content_type=found.content_type)
    response["Content-Disposition"] = (
        f"attachment; filename=\"{found.name}\"; filename*=UTF-8''{quote(found.name)}"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
