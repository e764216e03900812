"""GitHub: the forge behind its REST API, spoken to through PyGithub's requester."""
