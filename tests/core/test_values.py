"""Values: what the gate's own `dataclass` makes is what the interpreter's makes, only later."""

import copy
import dataclasses
import pickle

import pytest
from pydantic import TypeAdapter, ValidationError

from gate.core.values import dataclass


class _Mark:
    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Base(_Mark):
    """A value to inherit from."""

    name: str
    size: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole(Base):
    """A value with everything that fields can be."""

    parts: tuple[str, ...]
    notes: list[str] = dataclasses.field(default_factory=list)
    secret: str = dataclasses.field(default="", repr=False, compare=False)


@dataclass(slots=True, order=True)
class Counter:
    """Something that changes."""

    count: int = 0
    seen: list[str] = dataclasses.field(init=False, default_factory=list)
    step: int = dataclasses.field(init=False, default=2)
    later: str = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self.later = f"from {self.count}"


@dataclass(frozen=True, slots=True)
class Named:
    """A value that says itself what equal means."""

    name: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Named) and other.name.lower() == self.name.lower()

    def __hash__(self) -> int:
        return hash(self.name.lower())


class TestWhatAValueIs:
    def test_it_is_made_by_place_by_name_and_by_default(self) -> None:
        whole = Whole("a", parts=("x",))

        assert (whole.name, whole.size, whole.parts, whole.notes) == ("a", 1, ("x",), [])
        assert Whole(name="a", size=1, parts=("x",), notes=[]) == whole
        assert Whole("a", parts=()).notes is not Whole("a", parts=()).notes

    @pytest.mark.parametrize("wrong", [Base, lambda: Whole("a", 1, ("x",)), lambda: Base("a", colour="red")])
    def test_wrong_arguments_are_refused_the_first_time_as_ever(self, wrong) -> None:  # noqa: ANN001
        for _ in range(2):
            with pytest.raises(TypeError, match=r"__init__\(\)"):
                wrong()

    def test_it_never_changes(self) -> None:
        value = Base("a")

        with pytest.raises(dataclasses.FrozenInstanceError):
            value.name = "b"  # type: ignore[misc]
        with pytest.raises(dataclasses.FrozenInstanceError):
            del value.name
        assert not hasattr(value, "__dict__")

    def test_equal_values_are_equal_and_hash_alike_whatever_is_not_compared(self) -> None:
        assert Whole("a", parts=(), secret="x") == Whole("a", parts=(), secret="y")  # noqa: S106
        assert Base("a") != Whole("a", parts=())
        assert Base("a") != "a"
        assert len({Base("a"), Base("a"), Base("b")}) == 2

    def test_its_own_methods_are_kept(self) -> None:
        assert Named("A") == Named("a")
        assert len({Named("A"), Named("a")}) == 1

    def test_it_shows_its_fields_save_those_that_are_hidden(self) -> None:
        assert repr(Whole("a", parts=(), secret="x")) == "Whole(name='a', size=1, parts=(), notes=[])"  # noqa: S106

    def test_something_that_changes_has_its_inner_fields_and_an_order_and_no_hash(self) -> None:
        counter = Counter(3)

        assert (counter.seen, counter.step, counter.later) == ([], 2, "from 3")
        assert sorted([Counter(2), Counter(1)]) == [Counter(1), Counter(2)]
        assert Counter(1) <= Counter(1) < Counter(2)
        with pytest.raises(TypeError, match="unhashable"):
            hash(counter)


class TestWhoElseReadsIt:
    def test_the_interpreters_own_functions_do(self) -> None:
        whole = Whole("a", parts=("x",))

        assert dataclasses.replace(whole, size=2) == Whole("a", 2, parts=("x",))
        assert [field.name for field in dataclasses.fields(whole)] == ["name", "size", "parts", "notes", "secret"]
        assert dataclasses.asdict(Base("a")) == {"name": "a", "size": 1}
        match whole:
            case Whole(name, size):
                assert (name, size) == ("a", 1)

    def test_it_is_copied_and_sent_to_other_processes(self) -> None:
        whole = Whole("a", parts=("x",), notes=["n"])

        assert pickle.loads(pickle.dumps(whole)) == copy.copy(whole) == copy.deepcopy(whole) == whole  # noqa: S301

    def test_pydantic_reads_it_strictly(self) -> None:
        reader = TypeAdapter(Whole)

        assert reader.validate_python({"name": "a", "parts": ("x",)}) == Whole("a", parts=("x",))
        with pytest.raises(ValidationError, match="parts"):
            reader.validate_python({"name": "a"})
