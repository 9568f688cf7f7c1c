"""What all addresses of the API share: who asks, with which scope, pages of answers, and problems in words."""

from typing import Any

from django.http import Http404
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from analysis.core.problems import InputProblem
from webapp.accounts.permissions import Deed, require
from webapp.accounts.services import Refused
from webapp.analytics import selectors
from webapp.analytics.models import AnalysisRun
from webapp.api.models import AccessToken, Scope
from webapp.api.tokens import TokenAuthentication
from webapp.matches.models import Match


class HasScope(BasePermission):
    """A token may only do what it was made for; a signed-in page has no token and all scopes."""

    message = "This token lacks the scope that this needs."

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the token has the scope of the method."""
        if not isinstance(request.auth, AccessToken):
            return True
        needed = getattr(view, "scope", None)
        if needed is None:
            needed = Scope.READ if request.method in SAFE_METHODS else Scope.WRITE
        self.message = f"This token lacks the scope {needed}."
        return needed in request.auth.scopes


class Pages(PageNumberPagination):
    """``?page=`` and ``?page_size=``, at most 500."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500


class ApiView(APIView):
    """A view for people and scripts of a team."""

    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (IsAuthenticated, HasScope)
    pagination_class: type[Pages] | None = Pages


class MatchView(ApiView):
    """A view of one match; another team's match is not there."""

    def match(self, deed: Deed | None = None) -> Match:
        """The match of the address. Raises: NotFound, PermissionDenied."""
        try:
            match = selectors.match_of(self.request.user, self.kwargs["pk"])
        except Match.DoesNotExist as error:
            raise NotFound("There is no such match.") from error
        if deed is not None:
            require(self.request.user, deed, match.team)
        return match

    def run(self) -> AnalysisRun:
        """The shown analysis. Raises: NotFound."""
        found = selectors.shown_run(self.request.user, self.kwargs["pk"])
        if found is None:
            raise NotFound("This match has no finished analysis yet.")
        return found


def answer_problem(problem: Exception, context: dict[str, Any]) -> Response | None:
    """Problems of the input are 409 with their code and sentence; what is not there is 404 in JSON."""
    if isinstance(problem, InputProblem):
        return Response({"code": problem.code, "detail": problem.sentence}, status=409)
    if isinstance(problem, Refused):
        return Response({"code": "refused", "detail": str(problem)}, status=409)
    if isinstance(problem, Http404):
        problem = NotFound()
    return exception_handler(problem, context)
