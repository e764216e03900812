"""The documentation: what it links to is there, every page is listed, and the README knows every command."""

import dataclasses
import re
from pathlib import Path

import pytest

from gate.cli.main import command
from gate.config import Settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def links_of(page: Path) -> list[str]:
    """Return what a page links to, what its examples show left out."""
    return _LINK.findall(_FENCED.sub("", page.read_text()))


def anchors_of(page: Path) -> set[str]:
    """Return the anchors that a forge makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


class TestLinks:
    @pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
    def test_every_link_within_the_repository_leads_somewhere(self, page: Path) -> None:
        lost = []
        for link in links_of(page):
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            is_lost = not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors_of(target))
            if "://" not in link and is_lost:
                lost.append(link)
        assert lost == []


class TestTheIndex:
    def test_lists_every_page_and_every_decision(self) -> None:
        listed = {(ROOT / "docs" / link).resolve() for link in links_of(ROOT / "docs/README.md")}
        pages = {*ROOT.glob("docs/*.md"), *ROOT.glob("docs/adr/*.md")} - {ROOT / "docs/README.md"}
        assert sorted(str(page.relative_to(ROOT)) for page in pages - listed) == [], "list it in docs/README.md"

    def test_no_two_decisions_share_a_number_and_each_begins_with_its_own(self) -> None:
        decisions = sorted(ROOT.glob("docs/adr/*.md"))
        numbers = [page.name[:4] for page in decisions]
        assert sorted(set(numbers)) == numbers
        assert [page.name for page in decisions if not page.read_text().startswith(f"# {page.name[:4]} ")] == [], (
            "its first line begins with `# ` and its number"
        )


class TestTheReadme:
    def test_its_tables_name_every_command(self) -> None:
        rows = [line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("| `gate ")]
        named = set(re.findall(r"`gate ([a-z]+)", " ".join(rows)))
        assert (
            sorted(
                named ^ set(command.list_commands(command.make_context("gate", ["--version"], resilient_parsing=True)))
            )
            == []
        )


class TestSettings:
    DOCS = "\n".join(page.read_text() for page in ROOT.glob("docs/**/*.md"))

    def test_are_all_documented(self) -> None:
        known = {f"GATE_{field.name.upper()}" for field in dataclasses.fields(Settings)}
        assert sorted(known - set(re.findall(r"GATE_[A-Z_]+", self.DOCS))) == []

    def test_that_are_documented_are_all_there(self) -> None:
        source = "\n".join(file.read_text() for file in (*ROOT.glob("gate/**/*.py"), *ROOT.glob("tests/**/*.py")))
        known = {f"GATE_{field.name.upper()}" for field in dataclasses.fields(Settings)} | read_elsewhere(source)
        told = {name.removesuffix("_FILE") for name in re.findall(r"`(GATE_[A-Z_]+[A-Z])", self.DOCS)}
        assert sorted(told - {name.removesuffix("_FILE") for name in known}) == []


def read_elsewhere(source: str) -> set[str]:
    """The variables that something besides the settings reads: the demonstration, benchmarks, tests."""
    return set(re.findall(r'environ(?:\.get\(|\[)"(GATE_[A-Z_]+)"', source))


class TestTheArchitecture:
    def test_names_only_files_that_are_there(self) -> None:
        prose = (ROOT / "ARCHITECTURE.md").read_text().partition("<!-- map: begin")[0]
        names = re.findall(r"`([a-z_./]+\.py)`", prose)
        places = [ROOT, ROOT / "gate", ROOT / "gate/core", ROOT / "gate/usecases", ROOT / "gate/core/ownership"]
        assert [name for name in names if not any((place / name).exists() for place in places)] == []
