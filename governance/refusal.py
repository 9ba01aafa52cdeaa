"""What governance says when it will not do a thing: one sentence, and what would mend it."""


class Refused(Exception):  # noqa: N818 -- named for the user's situation, not for the mechanism
    """Base of every refusal in this package. `hint` may be empty; nothing was written unless the sentence says so."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message}\n  hint: {hint}" if hint else message)
