class CannotStart(Exception):
    """One sentence for the person who started the installation."""
