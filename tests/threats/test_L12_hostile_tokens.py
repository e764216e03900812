"""L04, L09, L11 to L18: a corpus of hostile tokens, before our wrapper of python-jose and before a second library."""

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest
from builders_links import AT, ISSUER, NOW, claims_at, hostile_tokens, made_token, some_tokens, twin_of
from joserfc import jwk, jwt

from gate.adapters import link_tokens
from gate.adapters.link_keys import LinkKey, new_key
from gate.core.forge.snapshot import ChangeKey
from gate.usecases.link_ports import LinkRefusedError
from gate.usecases.links import LinkClaims, Purpose

TOKENS, KEY = some_tokens()
ISSUED: tuple[Purpose, ...] = ("signoff", "acknowledge")
HOSTILE = {(purpose, name): text for purpose in ISSUED for name, text in hostile_tokens(KEY, purpose).items()}


def is_accepted(token: Any, at: dt.datetime = NOW, *, purpose: Purpose = "signoff") -> bool:
    try:
        TOKENS.verify(token, purpose=purpose, at=at)
    except LinkRefusedError:
        return False
    return True


def is_accepted_by_joserfc(token: str, key: LinkKey = KEY, *, purpose: Purpose = "signoff") -> bool:
    """A second library's opinion of the same token, by its own strict options."""
    try:
        found = jwt.decode(token, jwk.ECKey.import_key(key.jwk()), algorithms=["ES256"])
        wanted: Any = {
            "iss": {"essential": True, "value": ISSUER},
            "aud": {"essential": True, "value": f"gate:{purpose}"},
            **{name: {"essential": True} for name in ("sub", "jti", "exp", "iat", "nbf")},
        }
        jwt.JWTClaimsRegistry(now=AT, leeway=0, **wanted).validate(found.claims)
    except Exception:  # noqa: BLE001  # whatever it raises is a no
        return False
    return True


class TestAnHonestToken:
    def test_is_accepted_by_both_libraries_and_says_what_was_signed(self) -> None:
        claims = LinkClaims("A" * 24, "github:1001", ChangeKey(7, 501, 3), claims_at()["scope"], "signoff", AT, AT + 60)
        token = TOKENS.sign(claims, at=NOW)
        assert TOKENS.verify(token, purpose="signoff", at=NOW) == claims
        assert is_accepted_by_joserfc(token)

    def test_holds_until_the_second_before_its_end(self) -> None:
        token = made_token(KEY)
        end = dt.datetime.fromtimestamp(AT + 3600, dt.UTC)
        assert is_accepted(token, end - dt.timedelta(seconds=1))
        assert not is_accepted(token, end)

    def test_with_the_other_signature_is_the_same_link_by_its_id(self) -> None:
        token = made_token(KEY)
        assert twin_of(token) != token
        first, second = (TOKENS.verify(one, purpose="signoff", at=NOW) for one in (token, twin_of(token)))
        assert first.jti == second.jti  # single use is keyed on it, never on the text


class TestTheCorpus:
    @pytest.mark.parametrize(("purpose", "name"), HOSTILE)
    def test_is_refused_with_one_error_that_gives_no_reason(self, purpose: Purpose, name: str) -> None:
        with pytest.raises(LinkRefusedError) as refused:
            TOKENS.verify(HOSTILE[purpose, name], purpose=purpose, at=NOW)
        assert str(refused.value) == "This link does not hold. Ask for a new one."

    def test_is_large(self) -> None:
        assert len(HOSTILE) > 220

    @pytest.mark.parametrize("purpose", ISSUED)
    def test_is_refused_for_what_is_wrong_with_it_alone(self, purpose: Purpose) -> None:
        assert is_accepted(made_token(KEY, claims_at(purpose=purpose)), purpose=purpose)

    def test_nothing_is_accepted_that_the_second_library_refuses(self) -> None:
        honest = {(purpose, "honest"): made_token(KEY, claims_at(purpose=purpose)) for purpose in ISSUED}
        twins = {(purpose, "twin"): twin_of(token) for (purpose, _), token in honest.items()}
        for (purpose, name), token in {**HOSTILE, **honest, **twins}.items():
            if is_accepted(token, purpose=purpose):
                assert is_accepted_by_joserfc(token, purpose=purpose), name

    def test_the_libraries_alone_would_not_have_refused_it_all(self) -> None:
        from jose import jwt as jose

        def by_jose(token: Any) -> bool:
            try:
                jose.decode(token, KEY.jwk(), algorithms=["ES256"], audience="gate:signoff", options=_UNTIMED)
            except Exception:  # noqa: BLE001  # whatever it raises is a no
                return False
            return True

        lax = {name for (_, name), token in HOSTILE.items() if by_jose(token)}
        assert {"header: critical unknown header", "junk after it", "claim missing: sub"} <= lax


_UNTIMED = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}


class TestKeys:
    def test_a_key_that_ended_verifies_nothing_at_once(self) -> None:
        old = new_key(NOW - dt.timedelta(days=9))
        tokens, _ = some_tokens(new_key(NOW), LinkKey(old.kid, old.key, old.from_at, NOW + dt.timedelta(hours=1)))
        token = made_token(old)
        assert tokens.verify(token, purpose="signoff", at=NOW).account == "github:1001"
        with pytest.raises(LinkRefusedError):
            tokens.verify(token, purpose="signoff", at=NOW + dt.timedelta(hours=1) - dt.timedelta(0))

    def test_a_key_of_another_service_verifies_nothing_here(self) -> None:
        tokens, key = some_tokens(new_key(NOW))
        with pytest.raises(LinkRefusedError):
            tokens.verify(made_token(KEY), purpose="signoff", at=NOW)
        with pytest.raises(LinkRefusedError):
            tokens.verify(made_token(KEY, header={"alg": "ES256", "kid": key.kid, "typ": "gate-link+jwt"}),
                          purpose="signoff", at=NOW)  # fmt: skip

    def test_the_published_ones_are_public(self) -> None:
        text = json.dumps(TOKENS.public_keys(at=NOW))
        assert '"d"' not in text
        assert KEY.kid in text


class TestPurposes:
    def test_a_token_for_one_thing_is_none_for_another(self) -> None:
        change, scope = ChangeKey(7, 501, 3), claims_at()["scope"]
        claims = LinkClaims("A" * 24, "github:1001", change, scope, "acknowledge", AT, AT + 9)
        token = TOKENS.sign(claims, at=NOW)
        for purpose in ("signoff", "review"):
            with pytest.raises(LinkRefusedError):
                TOKENS.verify(token, purpose=purpose, at=NOW)
        assert TOKENS.verify(token, purpose="acknowledge", at=NOW) == claims

    def test_a_sign_off_is_about_a_change_and_a_call_or_a_review_need_not_be(self) -> None:
        for purpose, is_one in (("acknowledge", True), ("signoff", False), ("review", True)):
            token = made_token(KEY, claims_at(purpose=purpose, change="7/501/0"))
            assert is_accepted(token, purpose=purpose) is is_one  # type: ignore[arg-type]  # all are purposes


class TestTheLibrary:
    def test_has_the_cryptography_library_behind_it(self) -> None:
        assert link_tokens.ECKey.__name__ == "CryptographyECKey"

    def test_is_imported_by_modules_for_tokens_alone(self) -> None:
        root = Path(link_tokens.__file__).parents[1]
        found = {path.name for path in root.rglob("*.py") if re.search(r"(from|import) jose[ .]", path.read_text())}
        assert "link_tokens.py" in found
        # Logging in reads an identity token; the app's credentials only sign. Nothing else touches a token.
        assert found <= {"link_tokens.py", "workload_tokens.py", "oidc.py", "credentials.py"}
