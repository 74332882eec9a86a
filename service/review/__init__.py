"""The review page: held items for people to decide, with what it takes to decide in seconds."""

from fastapi import FastAPI

from service.review import actions, entrance, live, pages, subscription, thresholds


def install(app: FastAPI) -> None:
    """Add the page's routes."""
    for module in (pages, actions, entrance, live, subscription, thresholds):
        app.include_router(module.router)
