"""A change-management sign-off gate: who must sign off on a change, and is there a way back?"""

__version__ = "0.1.0"
