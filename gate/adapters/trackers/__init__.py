"""Trackers: tickets and incidents at GitHub, Jira, ServiceNow, PagerDuty, or behind a webhook of one's own."""
