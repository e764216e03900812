"""Policy: rules, what they require, and how a change is judged by them."""
