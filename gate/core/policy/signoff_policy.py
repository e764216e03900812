"""Sign-off policy: the part of `.gate/policy.yaml` that says who signs off, and what makes a sign-off count."""

from typing import Annotated, Literal

from gate.core.ownership.records import Duration
from gate.core.strict import Field, Strict

SignoffParty = Annotated[
    str,
    Field(
        pattern=r"^(owner|backup|transfer|(role|team|person):[A-Za-z0-9@][A-Za-z0-9._/@-]{0,99})$",
        description="`owner`, `backup`, `transfer`, `role:R`, `team:T` or `person:P`.",
    ),
]
VetoParty = Annotated[
    str,
    Field(
        pattern=r"^(owner|backup|(role|team|person):[A-Za-z0-9@][A-Za-z0-9._/@-]{0,99})$",
        description="`owner`, `backup`, `role:R`, `team:T` or `person:P`.",
    ),
]
Count = Annotated[int, Field(ge=1, le=100)]
Contribution = Literal["author", "committer", "co-author", "pusher"]


class SignoffPolicy(Strict):
    """Who signs off for each touched component, and what makes a sign-off count."""

    each_component: Count = 1
    from_: Annotated[tuple[SignoffParty, ...], Field(min_length=1)] = Field(default=("owner",), alias="from")
    exclude: Annotated[tuple[Contribution, ...], Field(min_length=1)] = ("author", "committer", "co-author", "pusher")
    sources: Annotated[tuple[Literal["review", "link", "comment", "api"], ...], Field(min_length=1)] = (
        "review",
        "link",
        "comment",
    )
    on_push: Literal["keep-unaffected", "invalidate-all"] = "keep-unaffected"
    expire_after: Duration | Literal["none"] = "none"
    reauthenticate_within: Duration | Literal["none"] = Field(
        default="none",
        description="How long ago whoever approves or withdraws on a page may have logged in.",
    )
    veto: Annotated[tuple[VetoParty, ...], Field(min_length=1)] = ("owner", "backup")
