"""Approval, refusals and checks of the groups of a deployment beside each other."""
