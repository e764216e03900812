"""Commands in comments are answered where they were given: one sign if taken, another one and why if not."""

import json
from pathlib import Path
from typing import Any

import pytest
from builders_forge_world import OWNERSHIP
from builders_notify import NotingNotifier
from builders_service import Service, a_service
from doubles.github.pulls import Pull

from gate.core.asks import Asks
from gate.usecases.answer_commands import answer_commands
from gate.usecases.look_at_change import look_at_change


@pytest.fixture
def pull(service: Service) -> Pull:
    return service.judged_pull(minutes_ago=2)


def say(service: Service, pull: Pull, who: Any, text: str) -> Any:
    comment = pull.comment(who, text)
    service.settle()
    assert service.errors == []
    return comment


def signs(comment: Any) -> list[str]:
    return [one.content for one in comment.reactions]


def told(pull: Pull) -> str:
    """What the gate's one comment says of commands that were not taken."""
    (own,) = [one for one in pull.comments if one.app_id is not None]
    return str(own.body).partition("### Commands that were not taken")[2].partition("[Open the change")[0]


def entries(service: Service, pull: Pull, kind: str) -> list[dict[str, Any]]:
    with service.store.reading() as reading:
        return [one.payload() for one in reading.timeline(service.key(pull)) if one.kind == kind]


class TestACommandThatIsTaken:
    @pytest.mark.parametrize("text", ["/signoff", "/signoff payments-api", "/reject Rounds the wrong way."])
    def test_shows_one_sign_once_however_often_it_is_judged(self, service: Service, pull: Pull, text: str) -> None:
        comment = say(service, pull, service.forge.alice, text)
        service.sweep()
        assert signs(comment) == ["+1"]
        assert told(pull) == ""

    def test_is_answered_by_the_gate_itself(self, service: Service, pull: Pull) -> None:
        comment = say(service, pull, service.forge.alice, "/signoff")
        (reaction,) = comment.reactions
        assert reaction.author.login == "signoff-gate[bot]"

    def test_may_be_a_withdrawal_of_what_was_given(self, service: Service, pull: Pull) -> None:
        say(service, pull, service.forge.alice, "/signoff")
        service.forge.world.clock.later(minutes=1)
        assert signs(say(service, pull, service.forge.alice, "/withdraw")) == ["+1"]
        assert service.check(pull) == "in_progress"


class TestACommandThatIsRefused:
    @pytest.mark.parametrize(
        ("who", "text", "why"),
        [
            ("dave", "/signoff", "dave approved, but wrote this change."),
            ("carol", "/signoff", "carol approved, but is not among those asked here."),
            ("alice", "/signoff nothing-here", "Nobody is asked to sign off for nothing-here here."),
            ("carol", "/reject Not mine, though.", "Nothing of this change is theirs to reject."),
            ("alice", "/withdraw", "They had decided nothing here that could be withdrawn."),
        ],
    )
    def test_shows_another_sign_and_why(self, service: Service, pull: Pull, who: str, text: str, why: str) -> None:
        comment = say(service, pull, getattr(service.forge, who), text)
        assert signs(comment) == ["confused"]
        line = told(pull).strip()
        assert line.startswith(f"- `{text.split(maxsplit=1)[0]}` of {who}, ")
        assert why in line

    def test_is_told_until_its_author_says_something_else(self, service: Service, pull: Pull) -> None:
        say(service, pull, service.forge.alice, "/withdraw")
        service.forge.world.clock.later(minutes=1)
        say(service, pull, service.forge.alice, "/signoff")
        assert told(pull) == ""

    def test_formats_mentions_and_links_nothing_in_the_gates_comment(self, service: Service, pull: Pull) -> None:
        """S06: whatever somebody writes, the gate says it as plain text."""
        say(service, pull, service.forge.carol, "/delegate @acme-owners")
        assert "`acme-owners`" in told(pull)
        assert "@acme-owners" not in told(pull)

    def test_by_an_edited_comment_is_refused_as_such(self, service: Service, pull: Pull) -> None:
        comment = pull.comment(service.forge.alice, "/signoff")
        service.forge.world.clock.later(seconds=5)
        comment.edit("/signoff payments-api", service.forge.alice)
        service.settle()
        assert signs(comment) == ["confused"]
        assert "The comment was edited, so it counts for nothing." in told(pull)

    def test_where_comments_may_not_be_written_the_rest_goes_on(self, service: Service, pull: Pull) -> None:
        service.forge.installation.permissions["issues"] = "read"
        say(service, pull, service.forge.alice, "/signoff")
        assert service.check(pull) == "success"


class TestACommandThatRacesAPush:
    def test_counts_for_nothing_and_is_asked_again_with_the_commit(self, service: Service, pull: Pull) -> None:
        service.forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 3\n"}, author=service.forge.dave)
        comment = say(service, pull, service.forge.alice, "/signoff")
        assert (signs(comment), service.check(pull)) == (["confused"], "in_progress")
        wanted = f"/signoff {pull.head_sha[:12]}"
        assert f"Look again, and write `{wanted}`." in told(pull)
        confirmed = say(service, pull, service.forge.alice, wanted)
        assert (signs(confirmed), service.check(pull), told(pull)) == (["+1"], "success", "")


class TestDelegate:
    def test_asks_another_one_and_tells_them(self, tmp_path: Path) -> None:
        notifier = NotingNotifier()
        with a_service(tmp_path, notifier=notifier) as service:
            pull = service.forge.a_pull()
            service.settle()
            comment = say(service, pull, service.forge.alice, "/delegate @bob back on Monday")
            assert signs(comment) == ["+1"]
            with service.store.reading() as reading:
                (asked,) = reading.delegations(service.key(pull))
            assert (asked.account, asked.to) == ("github:1001", "github:1002")
            assert any("asks you" in message.text for message in notifier.sent), [m.text for m in notifier.sent]
            (entry,) = entries(service, pull, "signoff-delegated")
            assert entry["to"] == "github:1002"
            assert "Monday" not in json.dumps(entry), "a reason is somebody's own words"

    @pytest.mark.parametrize(
        ("who", "text", "why"),
        [
            ("alice", "/delegate @carol", "carol may not sign off on what waits for you."),
            ("alice", "/delegate @dave", "dave may not sign off on what waits for you."),
            ("carol", "/delegate @bob", "Nothing of this change waits for you, so you ask nobody instead."),
            ("alice", "/delegate @nobody-here", "Nobody is known here as `nobody-here`."),
            ("alice", "/delegate @carol until 2026-12-31", "By policy they may not sign off on anything that is yours"),
            ("alice", "/delegate @bob until 2020-01-01", "The last day is over already"),
        ],
    )
    def test_is_refused_in_words_where_policy_does_not_allow_it(
        self, service: Service, pull: Pull, who: str, text: str, why: str
    ) -> None:
        comment = say(service, pull, getattr(service.forge, who), text)
        assert signs(comment) == ["confused"]
        assert why in told(pull)
        with service.store.reading() as reading:
            assert reading.delegations(service.key(pull)) == ()

    def test_never_chains(self, service: Service, pull: Pull) -> None:
        say(service, pull, service.forge.alice, "/delegate @bob")
        comment = say(service, pull, service.forge.bob, "/delegate @alice")
        assert signs(comment) == ["confused"]
        assert "that goes no further" in told(pull)

    def test_with_a_day_lets_them_stand_in_until_it(self, service: Service, pull: Pull) -> None:
        until = f"{int(service.gate.instant()[:4]) + 1}-01-03"
        assert signs(say(service, pull, service.forge.alice, f"/delegate @bob until {until} Skiing.")) == ["+1"]
        with service.store.reading() as reading:
            (stand_in,) = reading.stand_ins_on(service.gate.instant()[:10])
            assert len(reading.delegations(service.key(pull))) == 1
        assert (stand_in.account, stand_in.to, stand_in.ends_on) == ("github:1001", "github:1002", until)
        assert stand_in.reason == "Skiing."

    @pytest.mark.parametrize("why", ["who wrote the change", "who asked already"])
    def test_with_a_day_is_taken_where_somebody_stands_in_but_is_not_asked_here(self, tmp_path: Path, why: str) -> None:
        """What was recorded is not told to have been refused."""
        records = OWNERSHIP.replace("[alice, bob]", "[alice, bob, dave]")
        with a_service(tmp_path, files={".gate/ownership.yaml": records}) as service:
            forge, pull = service.forge, service.forge.a_pull()
            service.settle()
            if why == "who asked already":
                say(service, pull, forge.bob, "/delegate @alice")
            name, until = "dave" if why == "who wrote the change" else "bob", f"{service.gate.instant()[:4]}-12-31"
            comment = say(service, pull, forge.alice, f"/delegate @{name} until {until}")
            with service.store.reading() as reading:
                assert [one.ends_on for one in reading.stand_ins_on(service.gate.instant()[:10])] == [until]
            assert (signs(comment), told(pull)) == (["+1"], "")

    def test_of_a_stranger_costs_an_answer_and_nothing_else(self, service: Service, pull: Pull) -> None:
        """S16: whoever may comment asks the forge nothing by it, and fills no ledger."""
        stranger = service.forge.world.user("stranger", 6001)
        comment = say(service, pull, stranger, "/delegate @bob until 2099-01-01\n/delegate @bob")
        assert signs(comment) == ["confused"]
        assert "Only people who are asked for sign-offs here ask somebody else." in told(pull)
        assert entries(service, pull, "delegation-refused") == []

    def test_is_carried_out_once_when_the_answer_was_lost(self, service: Service, pull: Pull) -> None:
        """A worker that dies between the act and its answer leaves the act to be read again."""
        until = f"{int(service.gate.instant()[:4]) + 1}-01-03"
        pull.comment(service.forge.alice, f"/delegate @bob until {until}")
        with service.store.reading() as reading:
            repository = reading.repository_named("acme/shop")
        assert repository is not None
        access = service.gate.access(repository)
        snapshot = access.snapshot(pull.number)
        look = look_at_change(service.gate, access, snapshot, at=service.gate.instant())
        asks = Asks(look.facts, at=look.at)
        assert answer_commands(service.gate, look.snapshot, asks) == 1
        assert answer_commands(service.gate, look.snapshot, asks) == 0
        service.settle()
        assert len(entries(service, pull, "signoff-delegated")) == 1

    def test_of_an_edited_comment_does_nothing(self, service: Service, pull: Pull) -> None:
        """R38: whoever may edit a comment delegates for nobody."""
        comment = pull.comment(service.forge.alice, "Thanks!")
        service.forge.world.clock.later(seconds=5)
        comment.edit("/delegate @bob", service.forge.dave)
        service.settle()
        with service.store.reading() as reading:
            assert reading.delegations(service.key(pull)) == ()
        assert signs(comment) == ["confused"]


def test_under_a_policy_that_only_evaluates_nothing_is_shown(tmp_path: Path) -> None:
    policy = "version: 1\ndefault_owner: platform\nenforcement: evaluate\n"
    with a_service(tmp_path, files={".gate/policy.yaml": policy}) as service:
        pull = service.judged_pull(minutes_ago=2)
        assert signs(say(service, pull, service.forge.alice, "/signoff")) == []


def test_a_deleted_comment_is_let_go(service: Service, pull: Pull) -> None:
    comment = pull.comment(service.forge.alice, "/signoff")
    service.points.once("claimed-react", lambda: comment.delete(service.forge.alice))
    service.settle()
    assert service.errors == []
