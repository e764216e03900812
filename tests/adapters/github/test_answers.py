import pytest

from gate.adapters.github.answers import (
    Recent,
    instant_at,
    number_at,
    optional_row,
    row_at,
    rows_of,
    sha_at,
    text_at,
)
from gate.core.errors import UnreadableError


class TestWhatIsKept:
    def test_the_value_not_used_for_longest_goes_first(self) -> None:
        kept: Recent[str] = Recent(2)
        kept.put("a", "1")
        kept.put("b", "2")
        assert kept.get("a") == "1"
        kept.put("c", "3")
        assert [kept.get(key) for key in "abc"] == ["1", None, "3"]

    def test_weights_bound_the_whole(self) -> None:
        kept: Recent[str] = Recent(10)
        kept.put("a", "1", 6)
        kept.put("b", "2", 6)
        assert kept.get("a") is None
        assert kept.get("b") == "2"

    def test_a_value_too_heavy_alone_is_not_kept_and_replaces_nothing_else(self) -> None:
        kept: Recent[str] = Recent(10)
        kept.put("a", "1", 6)
        kept.put("b", "2", 11)
        assert kept.get("b") is None
        assert kept.get("a") == "1"

    def test_putting_twice_counts_once(self) -> None:
        kept: Recent[str] = Recent(10)
        for _ in range(5):
            kept.put("a", "1", 6)
        kept.put("b", "2", 4)
        assert kept.get("a") == "1"


class TestOddAnswers:
    @pytest.mark.parametrize("value", [None, 1, "x", [], True])
    def test_what_is_no_object_is_an_error_with_its_name(self, value: object) -> None:
        with pytest.raises(UnreadableError, match="`head`"):
            row_at({"head": value}, "head")

    def test_a_list_of_anything_else_is_an_error(self) -> None:
        with pytest.raises(UnreadableError, match="files"):
            rows_of([{}, None], "files")
        with pytest.raises(UnreadableError, match="files"):
            rows_of({}, "files")

    def test_a_truth_value_is_no_number(self) -> None:
        with pytest.raises(UnreadableError, match="`id`"):
            number_at({"id": True}, "id")

    def test_a_missing_text_is_an_error(self) -> None:
        with pytest.raises(UnreadableError, match="`title`"):
            text_at({"title": None}, "title")

    @pytest.mark.parametrize("sha", ["", "main", "A" * 40, "a" * 39, "../" * 13 + "a"])
    def test_what_is_no_full_id_is_an_error(self, sha: str) -> None:
        with pytest.raises(UnreadableError, match="`sha`"):
            sha_at({"sha": sha})

    def test_an_empty_object_stands_for_nothing(self) -> None:
        assert optional_row({"author": {}}, "author") is None


class TestTimes:
    @pytest.mark.parametrize(
        "text", ["2026-11-24T10:00:00Z", "2026-11-24T10:00:00.900Z", "2026-11-24T12:00:00+02:00", "2026-11-24T10:00:00"]
    )
    def test_every_spelling_of_a_moment_is_one_instant(self, text: str) -> None:
        assert instant_at({"at": text}, "at") == "2026-11-24T10:00:00Z"

    def test_null_is_no_time(self) -> None:
        assert not instant_at({"at": None}, "at")

    @pytest.mark.parametrize("text", ["soon", "0001-01-01T00:00:00+14:00"])
    def test_what_is_no_time_is_an_error(self, text: str) -> None:
        with pytest.raises(UnreadableError, match="`at`"):
            instant_at({"at": text}, "at")
