"""What is told of accounts, and what people send of themselves."""

from __future__ import annotations

from pydantic import Field, SecretStr

from hub.access.actions import Action, Role
from hub.access.passwords import LONGEST
from hub.api.grants.schemas import GRANTS_MAX, GrantIn, GrantOut, HeldOut
from hub.api.schemas import Answer, Body, Moment


class SelfOut(Answer):
    """Who the hub takes the caller for, and what that one may do now.

    `login` and `account` are of a person. `grants` are those that count at this moment, `roles` the
    roles among them, `actions` all they allow somewhere. With `must_change` set nothing else is
    open before the password is changed.
    """

    name: str
    roles: tuple[Role, ...]
    grants: tuple[HeldOut, ...]
    login: str | None = None
    account: str | None = None
    must_change: bool = False
    actions: tuple[Action, ...]


class LoginIn(Body):
    """A login and its password."""

    login: str = Field(min_length=1, max_length=120)
    password: SecretStr = Field(min_length=1, max_length=1000)


class PasswordIn(Body):
    """One's own password, the present and the next."""

    old: SecretStr = Field(min_length=1, max_length=1000)
    new: SecretStr = Field(min_length=1, max_length=LONGEST * 2)


class AccountIn(Body):
    """An account to be registered; `must_change`: the password is for the first login only."""

    login: str = Field(min_length=1, max_length=40)
    name: str = Field(min_length=1, max_length=120)
    grants: list[GrantIn] = Field(max_length=GRANTS_MAX)
    password: SecretStr
    must_change: bool = True


class AccountChangeIn(Body):
    """What is to change; what is left out stays. `must_change` goes with a new password."""

    name: str | None = Field(default=None, min_length=1, max_length=120)
    disabled: bool | None = None
    unlock: bool = False
    password: SecretStr | None = None
    must_change: bool = True


class AccountOut(Answer):
    """An account as listed, without its password; `grants` are those that were not ended."""

    id: str
    login: str
    name: str
    roles: tuple[Role, ...]
    grants: tuple[GrantOut, ...]
    must_change: bool
    created_at: Moment
    disabled_at: Moment | None
    locked_until: Moment | None
