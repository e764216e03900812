"""The way back of a merged change: its own plan, the commands of a revert, and the pull request prepared for it."""

from flask import Blueprint, current_app, render_template
from werkzeug.exceptions import NotFound

from gate.usecases.prepared_revert import way_back
from gate.web.door import Door
from gate.web.visitors import visible_repository, visitor

blueprint = Blueprint("rollback", __name__)


@blueprint.get("/changes/<owner>/<repo>/<int:number>/rollback")
def show(owner: str, repo: str, number: int) -> str:
    """Show how a merged change is taken back. Nothing is written anywhere; whoever opens the pull request does that."""
    door: Door = current_app.extensions["gate"]
    repository = visible_repository(f"{owner}/{repo}")
    found = way_back(door.gate, repository, number)
    if found is None:
        raise NotFound
    return render_template(
        "rollback.html",
        found=found,
        repository=repository.name,
        owner=owner,
        repo=repo,
        number=number,
        has_login=door.has_login,
        visitor=visitor(),
    )
