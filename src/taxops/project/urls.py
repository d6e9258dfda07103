"""All addresses: pages of every manifest, the API, health and metrics."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from taxops.project import health
from taxops.project.api import api
from taxops.project.assemble import manifests


def _pages() -> list[URLPattern]:
    return [
        path(page.path, page.as_view(), name=page.name) for manifest in manifests() for page in manifest.pages
    ]


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("metrics", health.metrics, name="metrics"),
    path("api/v1/", api.urls),
    path("live/", include("taxops.platform.live.urls")),
    *_pages(),
]

handler404 = "taxops.web.kit.errors.not_found"
handler403 = "taxops.web.kit.errors.forbidden"
handler500 = "taxops.web.kit.errors.server_error"
handler400 = "taxops.web.kit.errors.bad_request"
