class ExportNotAllowed(Exception):
    """A step that the status of the set or of the batch does not allow."""
