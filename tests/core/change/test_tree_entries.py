"""Entries of a tree: where a symbolic link leads, whatever it says."""

import pytest

from gate.core.change.tree_entries import link_end

LINKS = {
    "docs/plan": "../src/plan.md",
    "src/plan.md": "old/plan.md",
    "latest": "releases/2",
    "releases/2": "./../src",
    "round": "about",
    "about": "round",
    "outside": "../../etc/passwd",
    "absolute": "/etc/passwd",
    "unreadable": "",
    "cut": "src/a\0b",
    "top": ".",
}


def end_of(path: str) -> str | None:
    return link_end(path, LINKS.get)


class TestWhereALinkLeads:
    @pytest.mark.parametrize(
        ("path", "end"),
        [
            ("src/a.py", "src/a.py"),
            ("docs/plan", "src/old/plan.md"),
            ("latest/a.py", "src/a.py"),
            ("latest/plan.md", "src/old/plan.md"),
            ("src/./new//../a.py", "src/a.py"),
        ],
    )
    def test_is_followed_through_folders_and_further_links_to_what_may_not_exist_yet(self, path: str, end: str) -> None:
        assert end_of(path) == end

    @pytest.mark.parametrize("path", ["round", "outside", "absolute", "unreadable", "cut", "top", "..", "a/../.."])
    def test_is_nowhere_where_it_leaves_the_tree_or_never_ends(self, path: str) -> None:
        assert end_of(path) is None

    @pytest.mark.parametrize(("hops", "is_followed"), [(40, True), (41, False)])
    def test_is_followed_as_far_as_the_system_does(self, hops: int, *, is_followed: bool) -> None:
        links = {f"link{number}": f"link{number + 1}" for number in range(hops)}
        assert link_end("link0", links.get) == (f"link{hops}" if is_followed else None)
