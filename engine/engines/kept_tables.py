"""Is a snapshot there already? On a server its tables are kept, under the snapshot's id, for every later session.

An id is made of the hashes of the tables, so that what is kept under it is never stale. A schema of that name that
belongs to another role is not trusted: who made it could have put any facts in.
"""

from collections.abc import Mapping
from pathlib import Path

from engine.database import Database
from engine.spelling import quoted

PREFIX = "merestone_snapshot_"


def read_kept(db: Database, snapshot: str, files: Mapping[str, Path]) -> None:
    """Each file as a view in the session's own schema: of a table that an earlier session kept, or that this one does.

    Of a schema that another role owns nothing is read: the files become tables of this session alone.
    """
    schema = PREFIX + snapshot
    if _is_ours(db, schema) is None:
        _keep(db, schema, files)
    if not _is_ours(db, schema):
        for name, path in files.items():
            db.read_parquet(name, path)
        return
    for name in files:
        db.run(f"CREATE VIEW {quoted(name)} AS SELECT * FROM {quoted(schema)}.{quoted(name)}")


def _is_ours(db: Database, schema: str) -> bool | None:
    """Whether it is ours; `None` where there is none."""
    ours: bool | None = db.value(
        "SELECT pg_get_userbyid(nspowner) = current_user FROM pg_namespace WHERE nspname = ?", [schema]
    )
    return ours


def _keep(db: Database, schema: str, files: Mapping[str, Path]) -> None:
    """All tables or none, once, however many sessions want it now."""
    db.run("BEGIN")
    try:
        db.rows("SELECT pg_advisory_xact_lock(hashtext(?))", [schema])
        if _is_ours(db, schema) is None:
            db.run(f"CREATE SCHEMA {quoted(schema)}")
            db.run(f"SET LOCAL search_path = {quoted(schema)}")
            for name, path in files.items():
                db.read_parquet(name, path)
                db.run(f"ANALYZE {quoted(name)}")
        db.run("COMMIT")
    except BaseException:
        db.run("ROLLBACK")
        raise
