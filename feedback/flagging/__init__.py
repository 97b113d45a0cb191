"""Flags of stored texts: found as texts are stored, kept with the event, reviewed by people."""
