"""Login and logout, one's own password, and the administrator's register of accounts."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import Request, Response
from sqlalchemy import Connection

from hub.access import accounts, login, sessions
from hub.access.actions import Action, Subject
from hub.access.passwords import check_new
from hub.access.rules import rights_of
from hub.api.accounts.cookie import drop_cookie, refuse_unkept, set_cookie
from hub.api.accounts.schemas import (
    AccountChangeIn,
    AccountIn,
    AccountOut,
    LoginIn,
    PasswordIn,
    SelfOut,
)
from hub.api.deps import Deps
from hub.api.guard import Asked, Hub, domain, may, of_our_pages
from hub.api.schemas import Page
from hub.grids import service as grids
from hub.kit.errors import Forbidden, NotFound, Refused

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
    )
    opened = await to_thread.run_sync(work, limiter=hub.logins)
    set_cookie(request, response, opened)
    account = opened.account
    return _self(
        Subject(account.name, account.role, account.id, must_change=account.must_change), account
    )


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
    )
    set_cookie(request, response, await to_thread.run_sync(work, limiter=hub.logins))


@router.get("/accounts")
def list_accounts(
    hub: Hub, _who: Annotated[Subject, may(Action.ACCOUNTS_READ)]
) -> Page[AccountOut]:
    """All accounts by login, the disabled ones too."""
    with hub.db.read() as tx:
        found = accounts.list_accounts(tx, hub.clock.now())
    return Page(items=[AccountOut.model_validate(account) for account in found])


@router.post("/accounts", status_code=201)
def create_account(
    body: AccountIn, hub: Hub, _who: Annotated[Subject, may(Action.ACCOUNTS_CREATE)]
) -> AccountOut:
    """Register an account; its password is to be changed at the first login unless said."""
    password = body.password.get_secret_value()
    check_new(password, accounts.known_as(body.login))
    hashed = hub.passwords.hash(password)
    with hub.write() as tx:
        _grid_is_there(tx, body.grid_code)
        made = accounts.create(
            tx,
            body.login,
            body.name,
            body.role,
            hashed,
            hub.clock.now(),
            hub.ids,
            grid_code=body.grid_code,
            must_change=body.must_change,
        )
    return AccountOut.model_validate(made)


@router.put("/accounts/{account_id}")
def update_account(
    account_id: str,
    body: AccountChangeIn,
    hub: Hub,
    _who: Annotated[Subject, may(Action.ACCOUNTS_UPDATE)],
) -> AccountOut:
    """Rename, give another role or grid, disable, unlock, give a new password."""
    now = hub.clock.now()
    hashed = _new_hash(hub, account_id, body)
    given = body.model_dump(include=body.model_fields_set & accounts.CHANGEABLE)
    # `null` empties the grid; a name or a role that is null is one that was left out.
    changes = {k: v for k, v in given.items() if v is not None or k == "grid_code"}
    with hub.write() as tx:
        _grid_is_there(tx, body.grid_code)
        accounts.change(tx, account_id, changes, now)
        if hashed is not None:
            accounts.set_password(tx, account_id, hashed, now, must_change=body.must_change)
        if body.unlock:
            accounts.unlock(tx, account_id)
        if body.disabled is True:
            accounts.disable(tx, account_id, now)
        if body.disabled is False:
            accounts.enable(tx, account_id)
        return AccountOut.model_validate(accounts.by_id(tx, account_id, now))


def _new_hash(hub: Deps, account_id: str, body: AccountChangeIn) -> str | None:
    """Made before the transaction, which others wait for."""
    if body.password is None:
        return None
    with hub.db.read() as tx:
        known = accounts.by_id(tx, account_id, hub.clock.now()).login
    check_new(body.password.get_secret_value(), known)
    return hub.passwords.hash(body.password.get_secret_value())


def _grid_is_there(tx: Connection, code: str | None) -> None:
    if code is None:
        return
    try:
        grids.get_grid(tx, code)
    except NotFound as error:
        raise Refused(f"grid_code: there is no grid {code}", code="does_not_fit") from error


def _self(who: Subject, account: accounts.Account | None) -> SelfOut:
    return SelfOut(
        name=who.name,
        role=who.role,
        login=None if account is None else account.login,
        grid_code=None if account is None else account.grid_code,
        must_change=who.must_change,
        actions=tuple(sorted(rights_of(who))),
    )
