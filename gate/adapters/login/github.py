"""Login with GitHub: OAuth with state and PKCE, for nothing but the account's number."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from gate.adapters.login.client import document_at, oauth_session, token_of
from gate.usecases.login_ports import Attempt, LoginError, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class GithubLogin:
    """GitHub as a login, on github.com or a server of one's own. The token is asked for no scope, and not kept."""

    client_id: str
    client_secret: str = field(repr=False)
    api_url: str
    name: str = "github"
    label: str = "GitHub"

    def address(self, attempt: Attempt) -> str:
        """Return where GitHub asks the person."""
        with_pkce = oauth_session(self.client_id, self.client_secret, scope="", back=attempt.back)
        address, _ = with_pkce.create_authorization_url(
            f"{web_address(self.api_url)}/login/oauth/authorize", state=attempt.state, code_verifier=attempt.verifier
        )
        return str(address)

    def person(self, attempt: Attempt, code: str) -> Person:
        """Return whose code it is, by number. Raises LoginError where GitHub does not say."""
        session = oauth_session(
            self.client_id, self.client_secret, scope="", back=attempt.back, method="client_secret_post"
        )
        token = token_of(session, f"{web_address(self.api_url)}/login/oauth/access_token", attempt, code)
        user = document_at(f"{self.api_url.rstrip('/')}/user", token=token["access_token"])
        number, login = user.get("id"), user.get("login")
        # SECURITY: `bool` is an `int` in Python; a login may be somebody else's tomorrow, the number never.
        if type(number) is not int or number < 1 or not isinstance(login, str) or not login:
            raise LoginError("GitHub does not say who logged in.", next_step="Log in again.")
        if user.get("type", "User") != "User":
            raise LoginError("Only a person's account can log in.", next_step="Log in with your own account.")
        issuer, account = web_address(self.api_url), f"github:{number}"
        return Person(account, login[:100], issuer, str(number), admin_name=account)


def web_address(api_url: str) -> str:
    """Return where people find the GitHub whose API is at an address."""
    parts = urlsplit(api_url.rstrip("/"))
    host = parts.netloc.removeprefix("api.") if parts.netloc.endswith((".github.com", ".ghe.com")) else parts.netloc
    path = parts.path.removesuffix("/api/v3")
    return f"{parts.scheme}://{host}{path}"
