"""S15: two tenants share a service, and neither sees, judges or moves anything of the other's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders_facts import AT
from builders_login import HTML, an_app, log_in
from builders_service import Service, a_service
from builders_store import a_change_row, a_draft, a_store, record_judgement
from builders_visitors import a_token, bearer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gate.core.forge.snapshot import ChangeKey, ForgeAccount, ForgePush, ForgeRepository, RepositoryKey
from gate.usecases.stored import ChangeFilter, StoredSignoff

OURS, THEIRS = RepositoryKey(7, 501), RepositoryKey(8, 501)
"""The same number under two owners: nothing may be found by the number alone."""


@pytest.fixture
def store(tmp_path: Path) -> Any:
    store = a_store(tmp_path)
    with store.writing() as writing:
        writing.save_repository(ForgeRepository(OURS, "acme/shop", "main", 70))
        writing.save_repository(ForgeRepository(THEIRS, "mallory/shop", "main", 80))
    return store


def a_change_of(repository: RepositoryKey, number: int = 1, **fields: Any) -> Any:
    return a_change_row(key=ChangeKey(repository.tenant, repository.id, number), **fields)


class TestTheStore:
    def test_knows_a_change_by_tenant_repository_and_number_alone(self, store: Any) -> None:
        record_judgement(store, a_change_of(OURS, title="Ours", head_sha="a" * 40))
        with store.reading() as reading:
            assert reading.change(a_change_of(THEIRS).key) is None
            assert reading.verdict(a_change_of(THEIRS).key) is None
            assert list(reading.verdicts(a_change_of(THEIRS).key)) == []
            assert list(reading.timeline(a_change_of(THEIRS).key)) == []
            assert list(reading.open_changes(THEIRS)) == []
            assert list(reading.open_changes(THEIRS, head_sha="a" * 40)) == []
            assert reading.changes(ChangeFilter(repositories=(THEIRS,))).changes == ()

    def test_keeps_generations_apart(self, store: Any) -> None:
        with store.writing() as writing:
            assert [writing.begin_judgement(a_change_of(OURS).key) for _ in range(3)] == [1, 2, 3]
            assert writing.begin_judgement(a_change_of(THEIRS).key) == 1

    def test_keeps_sign_offs_and_pushes_apart(self, store: Any) -> None:
        record_judgement(store, a_change_of(OURS), engine="7")
        record_judgement(store, a_change_of(THEIRS, title="Theirs"), engine="8")
        given = StoredSignoff(a_change_of(THEIRS).key, "review:1", "github:666", "review", "approve", AT, AT)
        with store.writing() as writing:
            writing.save_signoff(given)
            writing.save_push(THEIRS, ForgePush(ForgeAccount(666, "mallory"), "b" * 40, "a" * 40, AT))
        with store.reading() as reading:
            assert list(reading.signoffs(a_change_of(OURS).key)) == []
            assert list(reading.pushes(OURS, ["b" * 40])) == []
            assert len(reading.pushes(THEIRS, ["b" * 40])) == 1

    @given(
        acts=st.lists(
            st.tuples(st.sampled_from([OURS, THEIRS]), st.integers(1, 3), st.sampled_from(["approved", "waiting"])),
            max_size=6,
        )
    )
    @settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def test_whatever_one_does_leaves_the_others_view_as_it_was(self, store: Any, acts: Any) -> None:
        for repository, number, state in acts:
            other = THEIRS if repository == OURS else OURS
            with store.reading() as reading:
                before = reading.changes(ChangeFilter(repositories=(other,))), list(reading.open_changes(other))
            row = a_change_of(repository, number, title=f"{repository.tenant} {state}", judged_at=AT)
            record_judgement(store, row, state=state, engine=str(repository.tenant))
            with store.writing() as writing:
                writing.append(a_draft(number, subject=f"change:{repository.tenant}/{repository.id}/{number}"))
            with store.reading() as reading:
                assert (
                    reading.changes(ChangeFilter(repositories=(other,))),
                    list(reading.open_changes(other)),
                ) == before


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """acme's service, in which another tenant has a repository of its own."""
    with a_service(tmp_path) as service:
        service.forge.a_pull(title="Ours")
        service.settle()
        with service.store.writing() as writing:
            writing.save_repository(ForgeRepository(RepositoryKey(666, 1000), "mallory/shop", "main", 6660))
        theirs = a_change_row(key=ChangeKey(666, 1000, 1), title="Theirs")
        record_judgement(service.store, theirs)
        yield service


class TestTheDoor:
    PATHS = ("/api/v1/changes/mallory/shop/1", "/api/v1/changes/mallory/none/1", "/api/v1/changes/acme/shop/99")

    def test_a_token_of_one_sees_only_its_own_and_cannot_tell_what_else_there_is(self, service: Service) -> None:
        client, headers = an_app(service).test_client(), bearer(a_token(service, repositories=("acme/shop",)))
        listed = client.get("/api/v1/changes", headers=headers).get_json()["changes"]
        assert [one["title"] for one in listed] == ["Ours"]
        answers = {(answer.status_code, answer.data) for answer in (client.get(p, headers=headers) for p in self.PATHS)}
        assert len(answers) == 1
        assert client.post(f"{self.PATHS[0]}/evaluate", headers=headers).status_code == 404
        assert client.get("/api/v1/changes?repository=mallory/shop", headers=headers).get_json()["changes"] == []

    def test_an_account_sees_what_the_forge_lets_it_read(self, service: Service) -> None:
        service.forge.world.browser_user = service.forge.alice
        client = an_app(service).test_client()
        log_in(client)
        page = client.get("/", headers=HTML).text
        assert "Ours" in page
        assert "Theirs" not in page
        assert client.get("/changes/mallory/shop/1", headers=HTML).status_code == 404

    def test_a_repository_that_moves_to_another_owner_takes_nothing_along(self, service: Service) -> None:
        with service.store.writing() as writing:
            writing.save_repository(ForgeRepository(RepositoryKey(777, 1000), "acme/shop", "main", 7770))
        client, headers = an_app(service).test_client(), bearer(a_token(service, repositories=("acme/shop",)))
        assert client.get("/api/v1/changes", headers=headers).get_json()["changes"] == []
        assert client.get("/api/v1/changes/acme/shop/1", headers=headers).status_code == 404
