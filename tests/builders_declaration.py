"""Builders: declarations read by the real parsers."""

from collections.abc import Sequence

from gate.adapters.files.yaml_documents import load_yaml
from gate.adapters.markdown.outline import read_outline
from gate.core.change.declaration import Declaration, DeclarationProblem, RollbackPlan
from gate.usecases.read_declaration import read_declaration


def declared(
    body: str | None = None,
    *,
    files: Sequence[tuple[str, bytes]] = (),
    template: str | None = None,
    commit_message: str | None = None,
) -> Declaration:
    return read_declaration(
        body=body,
        files=files,
        template=template,
        commit_message=commit_message,
        load_yaml=load_yaml,
        outline=read_outline,
    )


def plan_of(body: str, *, template: str | None = None) -> RollbackPlan:
    plan = declared(body, template=template).rollback
    assert plan is not None
    return plan


def problems_of(body: str, code: str, *, template: str | None = None) -> list[DeclarationProblem]:
    return [problem for problem in declared(body, template=template).problems if problem.code == code]


def codes_of(declaration: Declaration, *, blocking: bool = True) -> list[str]:
    return [problem.code for problem in declaration.problems if problem.blocks or not blocking]
