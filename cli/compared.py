"""Does a file of verdicts say the same of a move as is so? In words, and for a document."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from engine.bulk.stored import Difference, Kept, differences, kept_verdict
from engine.evaluate import Evaluation
from engine.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Compared:
    """A file beside what is derived again."""

    path: Path
    kept: Kept
    now: str
    """The verdict."""
    found: tuple[Difference, ...]

    @property
    def any(self) -> bool:
        """Whether they differ, in a rule or in the verdict, or the file was altered."""
        return bool(self.found) or self.kept.verdict != self.now or self.kept.altered

    @property
    def document(self) -> dict[str, Any]:
        """The same for a JSON document."""
        return {
            "file": str(self.path),
            "as_of": self.kept.as_of,
            "snapshot": self.kept.snapshot,
            "policies": self.kept.policies,
            "verdict": self.kept.verdict,
            "altered": self.kept.altered,
            "same": not self.any,
            "differences": [{"rule": d.rule, "bit": d.bit, "kept": d.kept, "now": d.now} for d in self.found],
        }

    def show(self, out: Console) -> None:
        """Every difference, a line each."""
        if not self.any:
            out.print(Text(f"{self.path} says the same: {self.kept.verdict}, and every rule as here", style="green"))
            return
        out.print(Text(f"{self.path} says otherwise", style="bold red"))
        if self.kept.altered:
            out.print("  the file is not the one that its manifest describes")
        if self.kept.verdict != self.now:
            out.print(f"  verdict: {self.kept.verdict} in the file, {self.now} here")
        for each in self.found:
            bit = "" if each.bit is None else f" (bit {each.bit})"
            out.print(f"  {each.rule}{bit}: {each.kept} in the file, {each.now} here")
        made = f"as of {self.kept.as_of}, snapshot {self.kept.snapshot}, policies {self.kept.policies[:12]}"
        out.print(Text(f"  the file was made {made}", style="dim"))


def compared(path: Path | None, evaluation: Evaluation, outcome: Outcome) -> tuple[Compared, ...]:
    """What a file keeps of a move beside its outcome; nothing without a file. Raises BadInput for one that is no file
    of verdicts, or has none on the move.
    """
    if path is None:
        return ()
    kept = kept_verdict(path, outcome.id)
    return (Compared(path, kept, outcome.word, differences(kept, evaluation, outcome.id)),)


def kept_document(compare: Sequence[Compared]) -> dict[str, Any]:
    """What a document says of the comparison; nothing where there is none."""
    return {"kept": compare[0].document} if compare else {}
