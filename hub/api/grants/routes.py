"""Who may what, where and when: grants of accounts, and the closed list of roles."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from hub.access import granting, staff
from hub.access.actions import ACCOUNT_ROLES, GIVEN_ROLES, Action, Subject
from hub.access.granting import Holder
from hub.access.grants import UNIT_ROLES
from hub.access.rights import MAY_GIVE, RIGHTS
from hub.api.grants.schemas import GrantIn, GrantOut, RoleOut, grant_out, wanted
from hub.api.guard import Hub, domain, may
from hub.api.schemas import Page

router = domain("grants")


@router.get("/roles")
def list_roles(_who: Annotated[Subject, may(Action.GRANTS_READ)]) -> Page[RoleOut]:
    """The roles that are given, with what each may do and which roles it may give."""
    return Page(
        items=[
            RoleOut(
                role=role,
                actions=tuple(sorted(RIGHTS[role])),
                may_give=tuple(sorted(MAY_GIVE[role])),
                unit=role in UNIT_ROLES,
                people=role in ACCOUNT_ROLES,
                programs=True,
            )
            for role in GIVEN_ROLES
        ]
    )


@router.get("/accounts/{account_id}/grants")
def list_grants(
    account_id: str, hub: Hub, who: Annotated[Subject, may(Action.GRANTS_READ)]
) -> Page[GrantOut]:
    """All that an account was ever given on one's own ground, newest first."""
    now, zone = hub.clock.now(), ZoneInfo(hub.site.time_zone)
    with hub.db.read() as tx:
        staff.seen(tx, who, Action.GRANTS_READ, account_id, now)
        given = staff.list_given(tx, who, Holder(account=account_id))
    return Page(items=[grant_out(each, now, zone) for each in given])


@router.post("/accounts/{account_id}/grants", status_code=201)
def give_grant(
    account_id: str,
    body: GrantIn,
    hub: Hub,
    who: Annotated[Subject, may(Action.GRANTS_GIVE)],
) -> GrantOut:
    """Give an account one more right. 403 `not_to_give` for more than one may give."""
    now = hub.clock.now()
    with hub.write() as tx:
        staff.seen(tx, who, Action.GRANTS_GIVE, account_id, now)
        grants = wanted(tx, [body], ACCOUNT_ROLES, hub.departments)
        staff.refuse_more(tx, who, grants)
        holder = Holder(account=account_id)
        (made,) = granting.give(tx, holder, grants, who.name, now, hub.ids)
    return grant_out(made, now, ZoneInfo(hub.site.time_zone))


@router.delete("/accounts/{account_id}/grants/{grant_id}", status_code=204)
def end_grant(
    account_id: str,
    grant_id: str,
    hub: Hub,
    who: Annotated[Subject, may(Action.GRANTS_END)],
) -> None:
    """End a right at once; it stays on file. 409 `last_admin`."""
    now, holder = hub.clock.now(), Holder(account=account_id)
    with hub.write() as tx:
        staff.seen(tx, who, Action.GRANTS_END, account_id, now)
        given = granting.live(tx, holder, grant_id)
        staff.refuse_more(tx, who, [given.grant], Action.GRANTS_END)
        granting.end(tx, holder, grant_id, who.name, now)
