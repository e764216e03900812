"""Redirects: where to look next, after a form or without a login."""

from typing import cast

from flask import Response, redirect


def see_other(place: str) -> Response:
    """Return the answer that leads on to a place, by a GET of its own (303)."""
    # NOTE: Flask makes it of the application's own class, and its types say less (flask.redirect, "Response").
    return cast("Response", redirect(place, code=303))
