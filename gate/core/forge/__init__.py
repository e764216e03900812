"""The forge: what a forge says of a change request, as values without any client's objects."""
