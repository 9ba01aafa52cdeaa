"""Which engine does a URL name? The embedded one, a PostgreSQL, or a Spark; each is imported only when it is asked for.

duckdb                                           the embedded engine
postgresql://ann@db.example.com/sales            a company's own PostgreSQL
spark://… local[2] local-cluster[2,1,1024] sc://…   its Spark
"""

from pathlib import Path

from engine.database import Database
from engine.engines.embedded import Embedded
from rules.problem import BadInput, Place, Problem

EMBEDDED = "duckdb"
WRITTEN_ONLY = ("snowflake", "bigquery")
"""Conditions are written for them, and a parser has read those; nothing has run there."""
_SPARK = ("spark:", "sc:", "local", "yarn", "k8s:")
_EXPECTED = f"`{EMBEDDED}`, postgresql://…, or spark://…, local-cluster[…], sc://…"


MEMORY_MIB = 1_280
"""What the embedded engine holds in memory at most; the process around it needs some more."""


def opened(url: str, spill: Path | None = None) -> Database:
    """A session of the engine, which the caller closes. With a folder `spill`, the embedded one puts there what does
    not fit in its memory.

    Raises BadInput where the URL names none, its library is not installed, or nobody answers; never with a password.
    """
    if url == EMBEDDED:
        return Embedded(memory_mib=MEMORY_MIB if spill else None, spill=spill)
    try:
        if url.startswith(("postgresql:", "postgres:")):
            from engine.engines.postgresql import PostgreSql  # noqa: PLC0415 -- an extra

            return PostgreSql(url)
        if url.startswith(_SPARK):
            from engine.engines.spark import Spark  # noqa: PLC0415 -- an extra

            return Spark.at(url)
    except ImportError as error:
        extra = "postgresql" if url.startswith("postgres") else "spark"
        hint = f"pip install 'merestone[{extra}]'"
        raise _refused(f"no library for this engine is installed: {error.name or error}", hint=hint) from None
    except ValueError as error:
        raise _refused(str(error)) from None
    scheme = url.partition(":")[0]
    if scheme in WRITTEN_ONLY:
        message = f"conditions are written for {scheme} and untested: nothing here connects to it"
        raise _refused(message, expected=_EXPECTED)
    raise _refused("no engine has such a URL", expected=_EXPECTED)


def _refused(message: str, *, expected: str = "", hint: str = "") -> BadInput:
    return BadInput([Problem(Place("--engine"), message, expected=expected, hint=hint)])
