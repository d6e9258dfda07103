"""Addresses of the live room."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [path("", views.stream, name="live")]
