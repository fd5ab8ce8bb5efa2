"""What a form changed, together with what actions changed while it was open (MTR-8, MTR-30)."""

from dataclasses import fields, replace

from ..billing.model import Config
from ..billing.step import Account
from ..billing.validate import Impossible, check_config
from .account import Draft


class ChangedMeanwhileError(Exception):
    """Form and action have changed the same thing, or what cannot be together."""


def merged(before: Draft, typed: Draft, account: Account) -> Draft:
    """Return what was typed, and what actions have changed in the account since ``before``.

    The tariff is one thing, each setting is another. Raises `ChangedMeanwhileError` where both have
    changed one.
    """
    settings = _settings(before.settings, typed.settings, account.book.config)
    tariff = _newest(before.tariff, typed.tariff, account.book.tariff)
    return replace(typed, settings=settings, tariff=tariff)


def _settings(before: Config, typed: Config, now: Config) -> Config:
    names = [each.name for each in fields(Config)]
    newest = {
        name: _newest(getattr(before, name), getattr(typed, name), getattr(now, name))
        for name in names
    }
    settings = replace(typed, **newest)
    if settings != typed:
        try:
            check_config(settings)
        except Impossible as err:
            raise ChangedMeanwhileError from err
    return settings


def _newest[T](before: T, typed: T, now: T) -> T:
    if now in (before, typed):
        return typed
    if typed == before:
        return now
    raise ChangedMeanwhileError
