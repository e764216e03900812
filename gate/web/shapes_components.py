"""Shapes of the API of ownership: what it is asked and what it answers, each with an example."""

import datetime as dt
from typing import Any

from pydantic import BaseModel, Field

from gate.web.api import Shape, shown

_REPOSITORY = r"^[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}$"
_COMPONENT = r"^[A-Za-z0-9@][A-Za-z0-9._/@ -]{0,199}$"


class RepositoryQuery(Shape):
    """Of which repository, where there are several."""

    repository: str | None = Field(
        default=None,
        pattern=_REPOSITORY,
        examples=["acme/shop"],
        description="Only of this repository; without it, of all that may be seen.",
    )


class OwnersQuery(Shape):
    """One path of one repository, spelled as its tree spells it; it need not exist."""

    repository: str = Field(
        pattern=_REPOSITORY, examples=["acme/shop"], description="The repository that the path is in."
    )
    path: str = Field(
        min_length=1,
        max_length=4096,
        examples=["api/pay.py"],
        description="A path from the root of the repository; it need not exist.",
    )


class ComponentsQuery(RepositoryQuery):
    """Which components: of one repository, and those that a query finds, as `gate ownership search` takes it."""

    q: str = Field(
        default="",
        max_length=200,
        examples=["tier:1 owner:payments"],
        description="Words and `key:value` terms that must all fit; empty for all components.",
    )


class ComponentPath(Shape):
    """One component by its name."""

    component: str = Field(
        pattern=_COMPONENT, examples=["payments-api"], description="Name of a component in the ownership records."
    )


class SuspectsQuery(RepositoryQuery):
    """When the incident began (now), how many days back, and a file that an alert names."""

    at: dt.datetime | None = Field(
        default=None,
        examples=["2026-12-01T10:00:00Z"],
        description="When it began to fail (RFC 3339); without it, now.",
    )
    days: int = Field(
        default=14, ge=1, le=365, examples=[14], description="How many days before that changes are looked for."
    )
    path: str | None = Field(
        default=None,
        max_length=4096,
        examples=["api/pay.py"],
        description="A file that an alert or a stack trace names: changes of it rank higher.",
    )


_OWNER: dict[str, Any] = {
    "path": "api/pay.py",
    "section": "default",
    "component": "payments-api",
    "owners": ["payments"],
    "source": ".gate/ownership.yaml:12",
}
_HISTORY: dict[str, Any] = {
    "repository": "acme/shop",
    "versions": [
        {
            "commit": "0123456789abcdef0123456789abcdef01234567",
            "at": "2026-11-24T10:00:00Z",
            "author": "Alice Adams",
            "subject": "payments-api has a backup",
            "kind": "changed",
            "change": 128,
            "changes": [{"field": "backup", "before": "", "after": "platform"}],
        }
    ],
    "is_cut": False,
    "unreadable": [],
}
_ROW: dict[str, Any] = {
    "repository": "acme/shop",
    "name": "payments-api",
    "title": "Payments API",
    "kind": "service",
    "tier": 1,
    "section": "default",
    "owners": ["payments"],
    "backup": "platform",
    "depends_on": ["ledger-db"],
    "source": ".gate/ownership.yaml:12",
}


class OwnerRow(BaseModel):
    """Who owns a path in one section; without an owner an empty list, and the line that said so."""

    model_config = shown(**_OWNER)

    path: str
    section: str
    component: str | None
    owners: list[str]
    source: str | None


class OwnerList(BaseModel):
    """Who owns a path, section by section."""

    model_config = shown(repository="acme/shop", owners=[_OWNER])

    repository: str
    owners: list[OwnerRow]


class ComponentRow(BaseModel):
    """One component in a list."""

    model_config = shown(**_ROW)

    repository: str
    name: str
    title: str | None
    kind: str
    tier: int | None
    section: str
    owners: list[str]
    backup: str | None
    depends_on: list[str]
    source: str


class ComponentList(BaseModel):
    """Components of all repositories that the caller may see; `unreadable` names those that did not answer."""

    model_config = shown(components=[_ROW], unreadable=[])

    components: list[ComponentRow]
    unreadable: list[str]


class Records(BaseModel):
    """Every record of a component's name, with its links, rollback playbook and patterns."""

    model_config = shown(records=[_ROW])

    records: list[dict[str, Any]]


class Suspects(BaseModel):
    """Owner, on call, way back and ranked suspects, of each repository that names the component."""

    model_config = shown(briefs=[{"schema": "gate.incident-brief/1", "component": "payments-api"}])

    briefs: list[dict[str, Any]]


class Histories(BaseModel):
    """The versions of a component's record, of each repository that names it; `change` 0 came past the gate."""

    model_config = shown(histories=[_HISTORY])

    histories: list[dict[str, Any]]
