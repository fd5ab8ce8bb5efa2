"""Tariffs, registers and the supply account, as pure functions.

An account is made with `open_account(config, tariff, opening)` and goes on with
`step(account, event, now)`, which returns the account as it is then and the effects that the world
has to see: beeps, an opened or closed supply, a switched relay, messages to the gas meter. Events
are readings of the meter's registers, payments and codes, button presses, commands, and `Tick`
for time that passed; `next_due` says when time next brings something. A command that cannot be
carried out raises `Refused` or `Impossible` and changes nothing.

Readings may come one by one or in batches, late or twice, up to two days: the money is the same.
`dump` and `load` keep an account as JSON. What is shown is in `views` and `display`.

Vocabulary: `model` (tariff and settings), `events`, `effects`, `book` (the state). Rules, one
module for each chapter of the E470 manual: `clock`, `switching`, `registers`, `tariff`, `daily`,
`levy`, `periods`, `activation`, `credit`, `position`, `instalments`, `supply`, `warning`,
`buttons`, `payments`, `gas`, `tenancy`, `currency`, `tamper`, `profile`, `reads`, `snapshots`.
`validate` refuses what is impossible; `advance`, `commands` and `step` bring them together. Where
the manual can be read in more than one way the module says which reading it takes.
"""
