"""Asks: who is asked for what right now, and what exactly they would sign."""

from builders_decision import a_case, decided, signed
from builders_facts import AT, a_change, a_commit, a_file, a_policy, account_key, some_facts

from gate.core.asks import Asks
from gate.core.change.facts import Label

API, WEB = "component:default/payments-api", "component:default/web"
TWO = (a_file("services/payments/round.py"), a_file("web/page.html"))


def asks(**overrides: object) -> Asks:
    return Asks(some_facts(**overrides), at=AT)


class TestWhoIsAsked:
    def test_each_owner_for_what_is_theirs(self) -> None:
        found = asks(files=TWO)
        assert set(found.subjects_of("alice")) == {API}
        assert found.people() >= {"alice", "bob"}
        assert found.verdict == decided(files=TWO)

    def test_nobody_who_had_a_hand_in_it_and_they_are_told_why(self) -> None:
        found = asks(commits=(a_commit(author=account_key("alice")),))
        assert found.of("alice") == ()
        assert "nobody signs off on a change that they had a hand in" in found.why_not("alice", API)
        assert found.why_not("bob", API) == ""

    def test_nobody_once_enough_have_signed(self) -> None:
        found = asks(signoffs=signed("alice"))
        assert found.people() == frozenset()
        assert [ask.signed for ask in found.concerning("bob")] == [frozenset({"alice"})]

    def test_nobody_else_and_they_are_told_that(self) -> None:
        found = asks()
        assert found.why_not("erin", API) == "erin is not among those asked for payments-api."
        assert found.why_not("erin", "component:default/gone") == "Nobody is asked about this any more."


class TestWhoIsAskedForAnEmergency:
    POLICY = a_policy(
        emergency={"label": "break-glass", "signoffs": {"role:duty": 1}}, roles={"duty": ["carol", "erin"]}
    )
    CHANGE = a_change(labels=(Label("break-glass", account_key("erin")),))

    def test_is_its_circle_while_it_is_needed(self) -> None:
        found = asks(policy=self.POLICY, change=self.CHANGE)
        assert {ask.shown_in for ask in found.of("carol")} == {"emergency:role:duty"}

    def test_is_nobody_where_the_ordinary_path_is_complete(self) -> None:
        found = asks(policy=self.POLICY, change=self.CHANGE, signoffs=signed("alice"))
        assert found.verdict.state == "approved"
        assert found.people() == frozenset()


class TestWhoIsAskedWhereOneOfSeveralWaysIsEnough:
    DBA, SRE, TICKET = {"signoffs": {"role:dba": 1}}, {"signoffs": {"role:sre": 1}}, {"tickets": {"min": 1}}

    def asked(self, *ways: object, emergency: object = None, **facts: object) -> set[str]:
        """Who of both roles is asked."""
        rule = {"name": "R", "require": {"any_of": list(ways)}}
        policy = a_policy(rules=[rule], roles={"dba": ["carol"], "sre": ["erin"]}, emergency=emergency)
        return asks(policy=policy, **facts).people() & {"carol", "erin"}

    def test_is_everybody_of_every_way(self) -> None:
        assert self.asked(self.DBA, self.SRE) == {"carol", "erin"}

    def test_is_asked_for_the_requirement_that_all_ways_are_of(self) -> None:
        rule = {"name": "R", "require": {"any_of": [self.DBA, {"any_of": [self.SRE, self.TICKET]}]}}
        found = asks(policy=a_policy(rules=[rule], roles={"dba": ["carol"], "sre": ["erin"]}))
        for person in ("carol", "erin"):
            (ask,) = found.of(person)
            assert (ask.shown_in, ask.title) == ("rule:R:any-of", "R: one of 2 ways")

    def test_is_nobody_of_another_way_once_one_is_taken(self) -> None:
        assert self.asked(self.DBA, self.SRE, signoffs=signed("carol")) == set()
        assert self.asked({"any_of": [self.DBA, self.SRE]}, self.TICKET, signoffs=signed("erin")) == set()

    def test_is_nobody_of_a_way_within_a_way_once_that_is_taken(self) -> None:
        nested = {"any_of": [self.DBA, self.SRE], **self.TICKET}
        assert self.asked(nested, signoffs=signed("carol")) == set()

    def test_is_still_everybody_of_the_other_where_a_way_is_only_taken_in_part(self) -> None:
        assert self.asked({**self.DBA, **self.TICKET}, self.SRE, signoffs=signed("carol")) == {"erin"}

    def test_is_nobody_where_an_emergency_waives_them_all(self) -> None:
        emergency = {"label": "break-glass", "signoffs": {"person:bob": 1}, "set_by": ["owner"]}
        change = a_change(labels=(Label("break-glass", account_key("alice")),))
        given = {"emergency": emergency, "change": change, "signoffs": signed("bob")}
        assert self.asked(self.DBA, self.SRE, **given) == set()
        assert self.asked(self.DBA, {**self.SRE, **self.TICKET}, **given) == {"carol", "erin"}


class TestWhatTheyWouldSign:
    def test_is_the_scope_that_the_decision_compares(self) -> None:
        case = a_case()
        ask = asks().of("alice")[0]
        assert ask.scope == case.book.digest(ask.subject, binds_head=False)

    def test_is_bound_to_the_head_where_every_push_voids(self) -> None:
        policy = a_policy(signoffs={"on_push": "invalidate-all"})
        assert asks().scopes()[API] != asks(policy=policy).scopes()[API]

    def test_stays_the_same_while_others_files_change(self) -> None:
        assert asks().scopes()[API] == asks(files=TWO).scopes()[API]


class TestHowAPersonIsAddressed:
    def test_by_the_account_at_the_forge_and_back(self) -> None:
        found = asks()
        account = found.account_of("alice")
        assert account.startswith("github:")
        assert found.person_of(account) == "alice"
        assert found.person_of("person:alice") == "alice"
        assert found.person_of("github:999999") == "github:999999"
