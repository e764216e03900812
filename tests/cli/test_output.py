"""Tables as they are printed: what is piped is whole, and its columns stand below one another."""

from gate.cli.output import table

LONG = "a/very/long/path/" * 10 + "end.py"


def places(paths: list[str]) -> list[int]:
    """Where the second column begins in each line, its title's too."""
    lines = list(table(["path", "owner"], [[path, "team-z"] for path in paths]))
    assert all(path in line for path, line in zip(paths, lines[1:], strict=True))
    return [lines[0].index("OWNER"), *(line.index("team-z") for line in lines[1:])]


class TestATableThatIsPiped:
    def test_has_its_columns_below_one_another_however_long_paths_usually_are(self) -> None:
        assert set(places(["x" * length for length in range(60, 70)])) == {71}

    def test_is_not_widened_by_one_long_path_in_twenty(self) -> None:
        found = places([*["short.py"] * 20, LONG])
        assert set(found[:-1]) == {10}
        assert found[-1] == len(LONG) + 2

    def test_gives_no_column_more_than_eighty(self) -> None:
        assert places([LONG, LONG])[0] == 82
