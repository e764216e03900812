"""Suspects: accused for a reason, within the window, in an order that helps."""

import datetime as dt
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gate.core.incident.suspects import Landing, Signs, chains_from, rank_suspects
from gate.core.times import instant, parse_instant

BEGAN = "2026-11-20T12:00:00Z"
GRAPH = {"payments-api": ["ledger-db", "auth"], "auth": ["user-db"], "user-db": ["auth"]}


def hours_before(hours: float) -> str:
    return instant(parse_instant(BEGAN) - dt.timedelta(hours=hours))


def a_landing(identity: str = "1", hours: float = 2, *components: str, **fields: Any) -> Landing:
    given: dict[str, Any] = {"title": f"Change {identity}", "landed_at": hours_before(hours)}
    given["components"] = frozenset(components or ("payments-api",))
    return Landing(id=identity, **{**given, **fields})


def ranked(*landings: Landing, **signs: Any) -> list[str]:
    wanted = Signs(**{"component": "payments-api", "began_at": BEGAN, **signs})
    return [one.landing.id for one in rank_suspects(landings, wanted, depends_on=GRAPH)]


def reasons(landing: Landing, **signs: Any) -> str:
    wanted = Signs(**{"component": "payments-api", "began_at": BEGAN, **signs})
    return " ".join(rank_suspects([landing], wanted, depends_on=GRAPH)[0].reasons)


class TestWhoIsAccused:
    def test_what_changed_the_component_or_what_it_needs_however_far(self) -> None:
        landings = [a_landing("own"), a_landing("db", 2, "ledger-db"), a_landing("deep", 2, "user-db")]
        assert ranked(*landings) == ["own", "db", "deep"]

    def test_nothing_that_has_no_relation(self) -> None:
        assert ranked(a_landing("web", 1, "storefront"), a_landing("none", 1, components=frozenset())) == []

    def test_what_changed_a_file_that_the_incident_names(self) -> None:
        landing = a_landing("web", 1, "storefront", paths=("web/cart.py",))
        assert ranked(landing, paths=("web/cart.py",)) == ["web"]
        assert "changed web/cart.py, which the incident names" in reasons(landing, paths=("web/cart.py",))

    def test_nothing_after_it_began_and_nothing_before_the_window(self) -> None:
        late, early = a_landing("late", -0.01), a_landing("early", 25)
        assert ranked(late, early, a_landing("edge", 24), a_landing("now", 0), window_hours=24) == ["now", "edge"]

    @given(st.lists(st.integers(-2000, 2000), max_size=12), st.integers(1, 500), st.sampled_from(sorted(GRAPH)))
    def test_never_anything_outside_the_window(self, hours: list[int], window: int, component: str) -> None:
        landings = [a_landing(str(n), one, component, paths=("a/b.py",)) for n, one in enumerate(hours)]
        signs = Signs(component="payments-api", began_at=BEGAN, paths=("a/b.py",), window_hours=window)
        found = rank_suspects(landings, signs, depends_on=GRAPH, limit=100)
        assert {one.landing.id for one in found} == {str(n) for n, one in enumerate(hours) if 0 <= one <= window}


class TestTheOrder:
    def test_newer_before_older(self) -> None:
        assert ranked(a_landing("old", 30), a_landing("new", 1)) == ["new", "old"]

    def test_riskier_before_tame_of_the_same_hour(self) -> None:
        assert ranked(a_landing("tame", 2, risk="low"), a_landing("risky", 2.5, risk="high")) == ["risky", "tame"]

    def test_the_named_file_before_a_newer_change(self) -> None:
        landings = [a_landing("new", 1, paths=("x.py",)), a_landing("named", 6, paths=("api/pay.py",))]
        assert ranked(*landings, paths=("api/pay.py",)) == ["named", "new"]

    def test_what_was_taken_back_in_time_comes_last(self) -> None:
        undone = a_landing("undone", 2, undone_at=hours_before(1))
        assert ranked(undone, a_landing("stands", 20)) == ["stands", "undone"]
        assert "taken back before" in reasons(undone)

    def test_is_the_same_whatever_order_they_come_in(self) -> None:
        landings = [a_landing(str(n), 3, "ledger-db") for n in range(6)]
        assert ranked(*landings) == ranked(*reversed(landings))


class TestTheReasons:
    def test_name_the_chain_of_dependencies(self) -> None:
        said = reasons(a_landing("deep", 50, "user-db"))
        assert "It changed user-db, which payments-api depends on through auth." in said
        assert "It landed 2 days before the incident began." in said

    def test_show_what_is_hidden_in_a_path(self) -> None:
        hidden = "web/\u202egnp.exe"
        assert "\u202e" not in reasons(a_landing("x", 1, paths=(hidden,)), paths=(hidden,))

    def test_a_circle_of_dependencies_ends(self) -> None:
        assert chains_from("user-db", GRAPH) == {"user-db": ("user-db",), "auth": ("user-db", "auth")}
