"""What pages that wait for a job are answered."""

from django.http import HttpResponse, JsonResponse

from webapp.annotation.models import LayerJob, TuningJob


def state_of(job: LayerJob | TuningJob | None) -> HttpResponse:
    """How a job stands, for polling; ``none`` where there is no job."""
    response = JsonResponse(
        {"state": job.state if job else "none", "percent": job.percent if job else 0}
    )
    response["Cache-Control"] = "private, no-store"
    return response
