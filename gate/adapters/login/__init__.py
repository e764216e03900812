"""Login adapters: GitHub's OAuth and OpenID Connect, behind one protocol."""
