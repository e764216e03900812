"""Scope: what exactly one sign-off covers, and what changes its digest."""

import dataclasses
from typing import Any

import pytest
from builders_facts import a_change, a_file

from gate.core.change.facts import Change, ChangedFile, Repository
from gate.core.signoff.scope import Subject, files_of, scope_digest

FILES = {path: a_file(path) for path in ("services/payments/b.py", "services/payments/a.py", "web/page.html")}
SUBJECT = Subject(
    "component:default/payments-api", "payments-api", frozenset({"services/payments/a.py", "services/payments/b.py"})
)


def digest(
    change: Change | None = None,
    subject: Subject = SUBJECT,
    files: dict[str, ChangedFile] | None = None,
    plan: str = "sha256:plan",
    *,
    binds_head: bool = False,
) -> str:
    return scope_digest(
        change or a_change(), subject, FILES if files is None else files, plan_digest=plan, binds_head=binds_head
    )


def with_file(**fields: Any) -> dict[str, ChangedFile]:
    path = "services/payments/a.py"
    return {**FILES, path: dataclasses.replace(FILES[path], **fields)}


class TestWhichFiles:
    def test_a_subject_covers_its_own_files_sorted_by_path(self) -> None:
        assert [file.path for file in files_of(SUBJECT, FILES)] == ["services/payments/a.py", "services/payments/b.py"]

    def test_paths_that_are_not_touched_now_cover_nothing(self) -> None:
        subject = SUBJECT._replace(paths={*SUBJECT.paths, "services/payments/gone.py"})
        assert files_of(subject, FILES) == files_of(SUBJECT, FILES)

    def test_a_subject_of_all_files_covers_them_all(self) -> None:
        subject = Subject("emergency", "emergency", has_all_files=True)
        assert [file.path for file in files_of(subject, FILES)] == sorted(FILES)

    def test_a_subject_without_files_covers_none(self) -> None:
        assert files_of(Subject("x", "x"), FILES) == []


class TestWhatBinds:
    @pytest.mark.parametrize(
        "change",
        [
            a_change(repository=Repository(78, "acme/shop")),
            a_change(number=43),
            a_change(base_ref="release/1"),
        ],
    )
    def test_another_repository_number_or_base_is_another_scope(self, change: Change) -> None:
        assert digest(change) != digest()

    @pytest.mark.parametrize(
        "change",
        [
            a_change("alice"),
            a_change(title="Other"),
            a_change(base_sha="1" * 40),
            a_change(head_sha="1" * 40),
            a_change(repository=Repository(77, "acme/renamed")),
        ],
    )
    def test_title_author_name_base_tip_and_head_are_not_in_it(self, change: Change) -> None:
        assert digest(change) == digest()

    def test_a_local_repository_without_an_id_is_told_by_its_name(self) -> None:
        here, there = (a_change(repository=Repository(0, name)) for name in ("here", "there"))
        assert digest(here) != digest(there)

    @pytest.mark.parametrize(
        "fields",
        [
            {"blob": "1" * 40},
            {"base_blob": "1" * 40},
            {"mode": "100755"},
            {"base_mode": "100755"},
            {"status": "added"},
        ],
    )
    def test_everything_of_a_file_that_git_knows_is_in_it(self, fields: dict[str, str]) -> None:
        assert digest(files=with_file(**fields)) != digest()

    @pytest.mark.parametrize("fields", [{"other_path": "old"}, {"additions": 99}, {"is_binary": True}])
    def test_what_is_only_for_display_is_not(self, fields: dict[str, Any]) -> None:
        assert digest(files=with_file(**fields)) == digest()

    def test_other_peoples_files_are_not_in_it(self) -> None:
        assert digest(files={**FILES, "web/new.html": a_file("web/new.html")}) == digest()

    def test_a_further_or_missing_file_of_its_own_is(self) -> None:
        assert digest(files={p: f for p, f in FILES.items() if not p.endswith("b.py")}) != digest()

    def test_the_rollback_plan_is_in_it(self) -> None:
        assert digest(plan="sha256:other") != digest()

    def test_another_subject_of_the_same_files_is_another_scope(self) -> None:
        assert digest(subject=SUBJECT._replace(id="rule:Deep")) != digest()
        assert digest(subject=SUBJECT._replace(name="shown otherwise")) == digest()

    def test_the_head_is_in_it_only_where_it_binds(self) -> None:
        other = a_change(head_sha="1" * 40)
        assert digest(other, binds_head=True) != digest(binds_head=True)
        assert digest(binds_head=True) != digest()

    def test_it_names_its_hash(self) -> None:
        assert digest().startswith("sha256:")
        assert len(digest()) == 71


class TestItsForm:
    def test_is_the_same_in_every_release(self) -> None:
        """INVARIANT: another form would end every sign-off given so far, and no old verdict could be recomputed."""
        file = ChangedFile("a.py", "modified", mode="100644", base_mode="100644", blob="1" * 40, base_blob="2" * 40)
        change = a_change(repository=Repository(7, "acme/shop"), number=3, base_ref="main", head_sha="3" * 40)
        subject = Subject("component:default/a", "a", frozenset({"a.py"}))
        found = [digest(change, subject, {"a.py": file}, "sha256:plan", binds_head=binds) for binds in (False, True)]
        assert found == [
            "sha256:d1a362f0d7846a2ffc2105890a6d673c43cf5063fac5031cbbf217ded6fc4ab0",
            "sha256:71745e431714686e4cdc791ea3edd691535524d7f60dea7903b7996ec162d1a9",
        ]

    def test_a_file_of_another_name_with_the_same_content_is_another_scope(self) -> None:
        subject = Subject("emergency", "emergency", has_all_files=True)
        file = a_file("a.py")
        renamed = dataclasses.replace(file, path="b.py")
        assert digest(subject=subject, files={"a.py": file}) != digest(subject=subject, files={"b.py": renamed})
