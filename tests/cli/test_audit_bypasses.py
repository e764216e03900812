"""`gate audit reconcile --repository`, `bypasses` and `explain`: from a direct push to its explanation."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders_audit import clone_of, settings_in_force
from builders_gate_command import run_gate
from builders_service import Service, a_service


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    settings_in_force(tmp_path, monkeypatch)
    with a_service(tmp_path) as found:
        found.forge.a_pull()
        found.settle()
        yield found


class TestFromBypassToExplanation:
    def test_it_is_found_listed_explained_and_closed(self, service: Service) -> None:
        sha = service.forge.shop.commit("main", {"api/pay.py": "x\n"}, author=service.forge.carol)
        service.settle()
        given = ("audit", "reconcile", clone_of(service), "--repository", "acme/shop", "--branch", "main")
        ran = run_gate(*given)
        assert ran.code == 1, ran.err
        assert "1  are bypasses: no approved change accounts for them" in ran.out
        listed = run_gate("audit", "bypasses", "--json")
        assert (listed.code, [one["commit"] for one in listed.json]) == (1, [sha])
        reason = ("--reason", "Carol mended the outage by hand", "--outcome", "accepted")
        assert run_gate("audit", "explain", "acme/shop", sha, *reason).code == 0
        assert run_gate("audit", "bypasses").out == "No bypass is open.\n"
        again = run_gate("audit", "explain", "acme/shop", sha, *reason)
        assert (again.code, again.err.count("\n")) == (2, 1)
        assert run_gate(*given).code == 1  # explained is not undone: it stays a bypass on the record

    def test_a_reason_that_says_nothing_is_refused(self, service: Service) -> None:
        del service
        ran = run_gate("audit", "explain", "acme/shop", "1" * 40, "--reason", "ok", "--outcome", "accepted")
        assert ran.code == 2
        assert "A reason has 10 to 2000 characters." in ran.err

    def test_a_repository_that_the_service_does_not_know(self, service: Service) -> None:
        ran = run_gate("audit", "reconcile", clone_of(service), "--repository", "acme/other")
        assert ran.code == 2
        assert "It knows acme/shop." in ran.err
