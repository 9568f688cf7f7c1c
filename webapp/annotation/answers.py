"""What the pages of a team's layer and of its tuned weights share: a waiting job's answer, the row that was chosen."""

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse, JsonResponse

from webapp.annotation.models import LayerJob, TuningJob

Row = TypeVar("Row", bound=Model)


def state_of(job: LayerJob | TuningJob | None) -> HttpResponse:
    """How a job stands, for polling; ``none`` where there is no job."""
    response = JsonResponse(
        {"state": job.state if job else "none", "percent": job.percent if job else 0}
    )
    response["Cache-Control"] = "private, no-store"
    return response


def chosen_of(rows: QuerySet[Row], number: str) -> Row | None:
    """The row that a form chose by its number, None for "0", the way back.

    Raises:
        Http404: there is no such row.
    """
    if number == "0":
        return None
    found = rows.filter(number=int(number) if number.isdecimal() else -1).first()
    if found is None:
        raise Http404
    return found
