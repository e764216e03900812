"""The sentence: what people read first."""

from builders_verdict import a_met_requirement, a_requirement, a_verdict, hidden_in, signed_by
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.explain.sentence import sentence, summarise
from gate.core.verdict import Actor, RequirementView


def an_ask(name: str, *people: str, **fields: object) -> RequirementView:
    who = tuple(Actor(person=person, how="an approving review") for person in people)
    return a_requirement(id=f"ownership:{name}", title=f"Sign-off for {name}", who=who, **fields)


class TestWaiting:
    def test_names_who_can_sign_off_and_on_what(self) -> None:
        said = summarise("waiting", [an_ask("payments-api", "alice", "bob"), a_met_requirement()])
        assert said == "Waiting for alice or bob to sign off on payments-api; nothing else is missing."

    def test_says_how_many_of_them_are_needed(self) -> None:
        said = summarise("waiting", [an_ask("web", "alice", "bob", "carol", needed=2)])
        assert said == "Waiting for 2 of alice, bob and carol to sign off on web; nothing else is missing."

    def test_asks_all_where_all_are_needed(self) -> None:
        said = summarise("waiting", [an_ask("web", "alice", "bob", needed=2)])
        assert said == "Waiting for alice and bob to sign off on web; nothing else is missing."

    def test_lists_several_subjects_each_with_its_people(self) -> None:
        said = summarise("waiting", [an_ask("web", "erin"), an_ask("api", "alice", "bob"), an_ask("db", "carol")])
        assert (
            said == "Waiting for 3 sign-offs: web (erin), api (alice or bob) and db (carol); nothing else is missing."
        )

    def test_shortens_a_long_list_to_a_number(self) -> None:
        said = summarise("waiting", [an_ask(f"c{number}", "erin") for number in range(3000)])
        assert said.startswith("Waiting for 3,000 sign-offs: c0 (erin), c1 (erin), c2 (erin) and 2,997 more;")

    def test_shortens_a_large_circle_to_a_number(self) -> None:
        said = summarise("waiting", [an_ask("web", *(f"p{number}" for number in range(40)))])
        assert said == "Waiting for p0, p1, p2, p3 or 36 more to sign off on web; nothing else is missing."

    def test_says_first_what_asking_would_not_mend(self) -> None:
        stuck = an_ask("web", why="Web has no members.", next="Name one.")
        said = summarise("waiting", [an_ask("api", "alice"), stuck])
        assert said == "Waiting: Web has no members. Name one. 1 further requirement is open too."

    def test_names_a_rule_by_its_title(self) -> None:
        said = summarise("waiting", [a_requirement(title="Data migrations", who=(Actor(person="carol", how="x"),))])
        assert said == 'Waiting for carol to sign off on "Data migrations"; nothing else is missing.'


class TestOtherStates:
    def test_approved_says_who_signed(self) -> None:
        views = [a_requirement(state="met", given=1, signoffs=signed_by("alice", "bob")), a_met_requirement()]
        said = summarise("approved", views)
        assert said == "Approved: alice and bob signed off and all 2 requirements are met; it can be merged."

    def test_approved_without_people_says_so(self) -> None:
        assert summarise("approved", [a_met_requirement()]) == (
            "Approved: the one requirement is met; it can be merged."
        )

    def test_the_deciding_reason_comes_first_with_the_next_step(self) -> None:
        rejected = a_requirement(
            state="rejected", why="erin rejected this change: too risky", next="Settle it with erin."
        )
        said = summarise("rejected", [a_requirement(), rejected])
        assert said == (
            "Rejected: erin rejected this change: too risky. Settle it with erin. 1 further requirement is open too."
        )

    def test_more_reasons_of_the_same_state_are_counted(self) -> None:
        broken = a_requirement(state="error", why="The listing is cut off.", next="Split the change.")
        said = summarise("error", [broken, broken, broken, a_requirement()])
        assert said.endswith("Split the change. 2 more reasons and 1 further requirement are open too.")
        assert said.startswith("Not judged: The listing is cut off.")

    def test_frozen_and_the_author_have_their_own_openings(self) -> None:
        frozen = a_requirement(state="frozen", why="The freeze `x` holds until then.", next="Wait.")
        author = a_requirement(state="needs-author", why="There is no plan.", next="Write one.")
        assert summarise("frozen", [frozen]).startswith("Frozen: The freeze")
        assert summarise("needs-author", [author]) == "The author must act: There is no plan. Write one."

    def test_nothing_at_all_is_never_a_pass(self) -> None:
        assert summarise("error", []).startswith("Not judged")

    def test_the_sentence_of_a_verdict_is_its_summary(self) -> None:
        verdict = a_verdict()
        assert sentence(verdict) == verdict.summary


@given(why=st.text(max_size=3000), title=st.text(min_size=1, max_size=3000), person=st.text(min_size=1, max_size=500))
@settings(max_examples=100, deadline=None)
def test_the_sentence_is_always_one_visible_line_of_bounded_length(why: str, title: str, person: str) -> None:
    for state in ("waiting", "rejected", "error"):
        view = a_requirement(state=state, why=why, next=why, title=title, who=(Actor(person=person, how=why),))
        said = summarise(state, [view])
        assert hidden_in(said) == []
        assert "\n" not in said
        assert len(said) < 1_200
