class Refused(Exception):
    """The studio can't start as it was asked to. The text is one line that says what to change."""
