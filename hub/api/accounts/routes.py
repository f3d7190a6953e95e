"""Login and logout, one's own password, and the administrator's register of accounts."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo

from anyio import to_thread
from fastapi import Request, Response
from sqlalchemy import Connection

from hub.access import accounts, granting, login, sessions, staff
from hub.access import service as access
from hub.access.actions import ACCOUNT_ROLES, Action, Subject
from hub.access.passwords import check_new
from hub.access.rules import jurisdiction, rights_of
from hub.access.service import LookReason
from hub.api.accounts.cookie import MARKS, drop_cookie, refuse_unkept, set_cookie, set_marks
from hub.api.accounts.schemas import (
    AccountChangeIn,
    AccountIn,
    AccountOut,
    LoginIn,
    PasswordIn,
    SelfOut,
)
from hub.api.deps import Deps
from hub.api.grants.schemas import grant_out, held_out, wanted
from hub.api.guard import Asked, Hub, domain, may, of_our_pages
from hub.api.schemas import Page
from hub.kit.errors import Forbidden, Refused

router = domain("accounts")


@router.post("/session")
async def open_session(
    body: LoginIn,
    hub: Hub,
    asker: Asked,
    request: Request,
    response: Response,
    _who: Annotated[Subject, may(Action.SESSION_OPEN)],
) -> SelfOut:
    """Log in: sets the cookie. 403 `wrong_credentials`, 429 `locked` with Retry-After."""
    if "origin" in request.headers and not of_our_pages(request):
        raise Forbidden("this was asked by a page that is not the hub's", code="foreign_origin")
    refuse_unkept(request)
    work = partial(
        login.log_in,
        hub.db,
        hub.passwords,
        body.login,
        body.password.get_secret_value(),
        hub.clock.now(),
        old=asker.shown.session,
        marks=request.cookies.get(MARKS),
    )
    opened = await to_thread.run_sync(work, limiter=hub.logins)
    set_cookie(request, response, opened)
    set_marks(request, response, opened)
    account = opened.account
    counts = granting.in_force(account.grants, hub.clock.now(), ZoneInfo(hub.site.time_zone))
    who = Subject(account.name, counts, account=account.id, must_change=account.must_change)
    return _self(who, account)


@router.delete("/session", status_code=204)
def close_session(
    hub: Hub,
    asker: Asked,
    request: Request,
    response: Response,
    _who: Annotated[Subject, may(Action.SESSION_CLOSE)],
) -> None:
    """Log out: the session ends here, not only in the browser."""
    if asker.shown.session is not None:
        with hub.db.write() as tx:
            sessions.end(tx, asker.shown.session, hub.clock.now())
    drop_cookie(request, response)


@router.get("/me")
def read_self(hub: Hub, who: Annotated[Subject, may(Action.SELF_READ)]) -> SelfOut:
    """Who the hub takes me for."""
    if who.account is None:
        return _self(who, None)
    with hub.db.read() as tx:
        return _self(who, accounts.by_id(tx, who.account, hub.clock.now()))


@router.put("/me/password", status_code=204)
async def change_password(
    body: PasswordIn,
    hub: Hub,
    request: Request,
    response: Response,
    who: Annotated[Subject, may(Action.SELF_PASSWORD)],
) -> None:
    """Change one's own password: all sessions end, and this browser is given a new one."""
    if who.account is None:
        raise Refused("a token has no password", code="no_account")
    work = partial(
        login.change_own,
        hub.db,
        hub.passwords,
        who.account,
        body.old.get_secret_value(),
        body.new.get_secret_value(),
        hub.clock.now(),
        marks=request.cookies.get(MARKS),
    )
    opened = await to_thread.run_sync(work, limiter=hub.logins)
    set_cookie(request, response, opened)
    set_marks(request, response, opened)


@router.get("/accounts")
def list_accounts(hub: Hub, who: Annotated[Subject, may(Action.ACCOUNTS_READ)]) -> Page[AccountOut]:
    """All accounts by login, the disabled ones too; those with a right on one's own ground."""
    now = hub.clock.now()
    with hub.db.read() as tx:
        found = staff.list_seen(tx, who, now)
    return Page(items=[_told(hub, account, now) for account in found])


@router.post("/accounts", status_code=201)
def create_account(
    body: AccountIn, hub: Hub, who: Annotated[Subject, may(Action.ACCOUNTS_CREATE)]
) -> AccountOut:
    """Register an account; its password is to be changed at the first login unless said."""
    password = body.password.get_secret_value()
    check_new(password, accounts.known_as(body.login))
    hashed = hub.passwords.hash(password)
    now = hub.clock.now()
    with hub.write() as tx:
        grants = wanted(tx, body.grants, ACCOUNT_ROLES, hub.departments)
        staff.refuse_more(tx, who, grants)
        if not (grants or jurisdiction(Action.ACCOUNTS_CREATE, who).everywhere):
            # It would be seen by nobody of the town that made it.
            raise Refused("an account of a town has a right in it", code="grants_wanted")
        made = accounts.create(
            tx,
            body.login,
            body.name,
            grants,
            hashed,
            now,
            hub.ids,
            by=who.name,
            must_change=body.must_change,
        )
    return _told(hub, made, now)


@router.put("/accounts/{account_id}")
def update_account(
    account_id: str,
    body: AccountChangeIn,
    hub: Hub,
    who: Annotated[Subject, may(Action.ACCOUNTS_UPDATE)],
) -> AccountOut:
    """Rename, disable, unlock, give a new password."""
    now = hub.clock.now()
    hashed = _new_hash(hub, account_id, body)
    with hub.write() as tx:
        staff.may_change(tx, who, account_id, now)
        _note(tx, who, account_id, body, now)
        if body.name is not None:
            accounts.rename(tx, account_id, body.name, now)
        if hashed is not None:
            accounts.set_password(tx, account_id, hashed, now, must_change=body.must_change)
        if body.unlock:
            accounts.unlock(tx, account_id)
        if body.disabled is True:
            accounts.disable(tx, account_id, now)
        if body.disabled is False:
            accounts.enable(tx, account_id)
        return _told(hub, accounts.by_id(tx, account_id, now), now)


def _note(tx: Connection, who: Subject, account_id: str, body: AccountChangeIn, now: float) -> None:
    """Who changed what of whose account stands in the register; never a password."""
    given = sorted(body.model_fields_set - {"must_change"})
    told = f"{access.ACCOUNT}{account_id}: {', '.join(given)}"
    access.note_look(tx, who, Action.ACCOUNTS_UPDATE, told, LookReason.MAINTENANCE, now)


def _new_hash(hub: Deps, account_id: str, body: AccountChangeIn) -> str | None:
    """Made before the transaction, which others wait for."""
    if body.password is None:
        return None
    with hub.db.read() as tx:
        known = accounts.by_id(tx, account_id, hub.clock.now()).login
    check_new(body.password.get_secret_value(), known)
    return hub.passwords.hash(body.password.get_secret_value())


def _told(hub: Deps, account: accounts.Account, now: float) -> AccountOut:
    zone = ZoneInfo(hub.site.time_zone)
    return AccountOut(
        id=account.id,
        login=account.login,
        name=account.name,
        roles=tuple(sorted(account.roles)),
        grants=tuple(grant_out(given, now, zone) for given in account.grants),
        must_change=account.must_change,
        created_at=account.created_at,
        disabled_at=account.disabled_at,
        locked_until=account.locked_until,
    )


def _self(who: Subject, account: accounts.Account | None) -> SelfOut:
    return SelfOut(
        name=who.name,
        roles=tuple(sorted(who.roles)),
        grants=tuple(held_out(grant) for grant in who.grants),
        login=None if account is None else account.login,
        account=who.account,
        must_change=who.must_change,
        actions=tuple(sorted(rights_of(who))),
    )
