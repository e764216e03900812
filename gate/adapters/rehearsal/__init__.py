"""Running the change's own code for a rehearsal: in child processes without the caller's secrets."""
