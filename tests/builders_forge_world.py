"""A standard world at GitHub: acme's shop with its owners, one gate installed, and pulls that dave opens.

    with a_world() as forge:
        pull = forge.a_pull({"api/pay.py": "amount = 2\\n"})
        pull.review(forge.alice, "APPROVED")

acme has the id 500, its shop 1000, the people 1001 to 1005, the gate's app 4242 and its installation 4200. A world
that heard or said anything that GitHub's own description does not know fails when it is left.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from doubles.github.accounts import Account, Organisation, Team
from doubles.github.apps import Installation, app_key
from doubles.github.objects import Content
from doubles.github.pulls import Pull
from doubles.github.repositories import Repository
from doubles.github.world import World

ACME, SHOP, GATE_APP, GATE_INSTALLATION = 500, 1000, 4242, 4200
PEOPLE = {"alice": 1001, "bob": 1002, "carol": 1003, "dave": 1004, "erin": 1005}
GATE_CHECK = "Sign-off gate"
OWNERSHIP = """\
version: 1
people:
  alice: {name: Alice Adams, github: alice, github_id: 1001, email: alice@example.com}
  bob: {name: Bob Brown, github: bob, github_id: 1002, email: bob@example.com}
  carol: {name: Carol Clark, github: carol, github_id: 1003, email: carol@example.com}
  dave: {name: Dave Dunn, github: dave, github_id: 1004, email: dave@example.com}
  erin: {name: Erin Evans, github: erin, github_id: 1005, email: erin@example.com}
teams:
  payments: {members: [alice, bob]}
  platform: {members: [carol]}
  web: {members: [erin]}
components:
  - {name: payments-api, owner: payments, paths: [/api/]}
  - {name: storefront, owner: web, paths: [/web/]}
"""
POLICY = """\
version: 1
default_owner: platform
"""
FILES: dict[str, Content] = {
    ".gate/ownership.yaml": OWNERSHIP,
    ".gate/policy.yaml": POLICY,
    "README.md": "Shop\n",
    "api/pay.py": "amount = 1\n",
    "web/page.html": "<p>Shop</p>\n",
}
BODY = """\
Round amounts half to even.

## Rollback

Method: revert
Steps:
1. Revert the merge commit.
2. Deploy main.
Verification: the error rate is back below 0.1 %
Time to restore: 15 minutes
Data impact: none
"""


@dataclass(frozen=True)
class ForgeWorld:
    """The standard world, with names for what is in it."""

    world: World
    acme: Organisation
    shop: Repository
    alice: Account
    bob: Account
    carol: Account
    dave: Account
    erin: Account
    payments: Team
    platform: Team
    web: Team
    installation: Installation

    @property
    def url(self) -> str:
        """The address of the API."""
        return self.world.url

    @property
    def private_key(self) -> str:
        """The private key of the gate's app."""
        return self.installation.app.private_key

    def a_pull(
        self,
        files: Mapping[str, Content] | None = None,
        *,
        branch: str = "",
        base: str = "main",
        author: Account | None = None,
        **settings: Any,
    ) -> Pull:
        """A pull of one commit; it changes a file of payments-api where nothing else is said."""
        who = author or self.dave
        branch = branch or f"change-{self.shop.next_number()}"
        self.shop.commit(branch, files or {"api/pay.py": f"amount = '{branch}'\n"}, author=who, start=base)
        given: dict[str, Any] = {"title": "Round amounts half to even", "body": BODY, **settings}
        return self.shop.open_pull(head=branch, base=base, author=who, **given)

    def demand_the_gate(self, branch: str = "main", *, app_id: int | None = GATE_APP) -> None:
        """Protect a branch so that only a green gate lets a pull in."""
        self.shop.protect(branch, checks=[(GATE_CHECK, app_id)])

    def say(
        self, sha: str, conclusion: str | None = "success", *, app_id: int = GATE_APP, name: str = GATE_CHECK
    ) -> None:
        """Let an app say something about a commit; None begins a run without an end."""
        if conclusion is None:
            self.shop.check_run(sha, name, app_id=app_id, status="in_progress")
        else:
            self.shop.check_run(sha, name, app_id=app_id, conclusion=conclusion)


@contextmanager
def a_world(*, files: Mapping[str, Content] | None = None, **settings: Any) -> Iterator[ForgeWorld]:
    """The standard world; `files` come beside what its repository always holds (None takes one away)."""
    with World(**settings) as world:
        acme = world.organisation("acme", ACME)
        people = {login: world.user(login, number) for login, number in PEOPLE.items()}
        for person in people.values():
            acme.add_member(person)
        payments = world.team(acme, "payments", [people["alice"], people["bob"]], id=9001)
        platform = world.team(acme, "platform", [people["carol"]], id=9002)
        web = world.team(acme, "web", [people["erin"]], id=9003)
        held = {path: content for path, content in {**FILES, **(files or {})}.items() if content is not None}
        shop = world.repository("acme/shop", files=held, id=SHOP, author=people["carol"])
        for person in people.values():
            shop.grant(person, "write")
        world.app(GATE_APP, private_key=app_key(), slug="signoff-gate")
        installation = world.install(GATE_APP, organisation=acme, id=GATE_INSTALLATION)
        teams = {"payments": payments, "platform": platform, "web": web}
        who: dict[str, Any] = {**people, **teams}
        yield ForgeWorld(world, acme, shop, installation=installation, **who)
        if world.violations:
            raise AssertionError("\n".join(world.violations))
