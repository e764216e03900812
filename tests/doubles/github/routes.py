"""All documented routes that this GitHub answers; importing this registers them."""

from doubles.github import (
    routes_app,
    routes_checks,
    routes_commits,
    routes_git,
    routes_graphql,
    routes_issues,
    routes_people,
    routes_protection,
    routes_pulls,
)

__all__ = [
    "routes_app",
    "routes_checks",
    "routes_commits",
    "routes_git",
    "routes_graphql",
    "routes_issues",
    "routes_people",
    "routes_protection",
    "routes_pulls",
]
