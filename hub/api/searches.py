"""Searches stand in the register of looks: whoever goes through what happened can be found.

A search is a list asked with a free text, with a time that ends (the past, as against what is new),
or for a page beyond its first. What a page shows by itself is none (docs/design/rights.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from hub.access import service as access
from hub.access.actions import Action, Subject
from hub.access.service import LookReason
from hub.api.deps import Deps
from hub.api.schemas import Body

MARKS = frozenset({"text", "raised_before", "opened_before", "after"})
"""Any of these makes a list a search."""
UNSAID = frozenset({"after", "limit", "order", "reason"})
"""What is no part of a filter: its pages are one search."""
SAME_SEARCH_S = 60.0
SUBJECT_CHARS_MAX = 300


def note_search(
    hub: Deps,
    who: Subject,
    action: Action,
    what: str,
    asked: Body | Mapping[str, str],
    reason: LookReason,
) -> None:
    """Write a list of `what` (`alerts`) into the register if it was a search, with its filter.

    `asked` is what was said of the list; what was left as it is by itself counts for nothing.
    """
    if isinstance(asked, Body):
        asked = asked.model_dump(mode="json", exclude_defaults=True)
    if not MARKS & asked.keys():
        return
    words = urlencode(sorted((k, v) for k, v in asked.items() if k not in UNSAID), safe=":,")
    subject = f"search/{what}?{words}"[:SUBJECT_CHARS_MAX]
    with hub.db.write() as tx:
        seen = [(subject, reason)]
        access.note_looks(tx, who, action, seen, hub.clock.now(), same_s=SAME_SEARCH_S)


def note_export(hub: Deps, who: Subject, action: Action, what: str, reason: LookReason) -> None:
    """Write into the register that somebody took a file of `what` away; each one counts."""
    with hub.db.write() as tx:
        access.note_looks(
            tx, who, action, [(f"export/{what}", reason)], hub.clock.now(), same_s=0.0
        )
