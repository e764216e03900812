"""The GitHub Action: a job's door to the gate, with or without a service."""
