"""The workflow that `gate init` writes, run as a runner does, on a real repository."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders_actions import run_workflow
from builders_forge_world import ForgeWorld, a_world

from gate import __version__
from gate.usecases.initial_files import ACTION_REPOSITORY, workflow_text


@pytest.fixture
def forge() -> Iterator[ForgeWorld]:
    with a_world() as world:
        yield world


class TestTheWorkflow:
    def test_is_red_until_an_owner_signed_off(self, forge: ForgeWorld, tmp_path: Path) -> None:
        pull = forge.a_pull()
        action = f"{ACTION_REPOSITORY}@v{__version__}"
        first = run_workflow(tmp_path, forge, pull, workflow_text(__version__), action=action)
        assert first.code == 1
        assert "Waiting for alice or bob to sign off" in first.summary
        pull.review(forge.alice)
        second = run_workflow(tmp_path, forge, pull, workflow_text(__version__), action=action)
        assert (second.code, second.summary[:5]) == (0, "## \N{CHECK MARK} ")

    def test_grants_nothing_but_reading(self) -> None:
        text = workflow_text(__version__)
        assert "permissions: {}\n" in text
        assert "write" not in text

    def test_says_that_it_is_advice(self) -> None:
        comment = " ".join(workflow_text("1.2.3").partition("name:")[0].replace("\n# ", " ").split())
        assert "A change can edit this file, so the run is advice." in comment
