"""A GitHub for tests: real git repositories behind the documented HTTP API, webhooks, and faults on demand."""
