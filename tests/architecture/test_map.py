import tomllib

from architecture_map import ROOT, first_line, modules, render, written


class TestTheMap:
    def test_architecture_md_holds_every_module_with_its_own_first_line(self) -> None:
        assert written() == render(), "run `make map`"

    def test_every_module_says_in_its_first_line_what_it_is(self) -> None:
        assert [path.name for path in modules() if not first_line(path)] == []

    def test_no_module_grows_past_what_a_newcomer_can_read(self) -> None:
        lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in modules()}
        assert {name: count for name, count in lengths.items() if count > 320} == {}


class TestThePackage:
    def test_every_dependency_has_its_reason_beside_it(self) -> None:
        text = (ROOT / "pyproject.toml").read_text()
        for dependency in tomllib.loads(text)["project"]["dependencies"]:
            line = next(line for line in text.splitlines() if f'"{dependency}"' in line)
            assert "#" in line, dependency
