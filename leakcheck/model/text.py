"""Text from elsewhere, as it may be shown."""


def printable(text: str) -> str:
    r"""Return `text` in one line without control characters: a workload may say anything.

    >>> printable("a\x1b[31mb"), printable("one\n two")
    ('a?[31mb', 'one  two')
    """
    return "".join(char if char.isprintable() else " " if char.isspace() else "?" for char in text)
