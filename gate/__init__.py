"""A change-management sign-off gate: it asks who must sign off on a change, and whether there is a way back."""

__version__ = "0.1.0"
