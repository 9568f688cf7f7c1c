"""Addresses of the corrections of a match."""

from django.urls import path

from webapp.annotation import layer_views, repair_views, tag_views, tuning_views, views

app_name = "annotation"
urlpatterns = [
    path("matches/<int:pk>/corrections", views.correct, name="correct"),
    path("matches/<int:pk>/review", views.standing, name="standing"),
    path("matches/<int:pk>/events/<int:event>/evidence", views.evidence, name="evidence"),
    path("teams/<int:pk>/tags", tag_views.tags, name="tags"),
    path("teams/<int:pk>/tags/<int:button>", tag_views.tag, name="tag"),
    path("teams/<int:pk>/layer/", layer_views.page, name="layer"),
    path("teams/<int:pk>/layer/state", layer_views.state, name="layer_state"),
    path("teams/<int:pk>/layer/learn", layer_views.learn, name="learn_layer"),
    path("teams/<int:pk>/layer/use", layer_views.use, name="use_layer"),
    path("teams/<int:pk>/tuning/", tuning_views.page, name="tuning"),
    path("teams/<int:pk>/tuning/state", tuning_views.state, name="tuning_state"),
    path("teams/<int:pk>/tuning/start", tuning_views.start, name="start_tuning"),
    path("teams/<int:pk>/tuning/cancel", tuning_views.cancel, name="cancel_tuning"),
    path("teams/<int:pk>/tuning/use", tuning_views.use, name="use_weights"),
    path("matches/<int:pk>/camera-repairs", repair_views.repairs, name="repairs"),
    path(
        "matches/<int:pk>/camera-repairs/<int:repair>/undo", repair_views.undo, name="undo_repair"
    ),
]
