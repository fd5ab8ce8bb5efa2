"""Tariffs, registers and the supply account, as pure functions.

`opening.open_account(config, tariff, opening)` makes an account and `step.step(account, event,
now)` carries it on: it returns the account as it is then and the effects that the world has to be
told of (`effects`). Events (`events`) are `Readings` of the meter's registers, payments and codes,
button presses, commands, and `Tick` for time that passed; `views.next_due` says when time next
changes something. A command that cannot be carried out raises `Refused` (with a reason) or
`Impossible` (with the lines that are wrong) and nothing has changed.

Effects are for what happens once: beeps, events, messages to the gas meter. States are read from
the account: `views` has the balance, debt, prices now and to come, costs, days left, whether supply
is on and the load limit in force; `display` the pages of the meter's display. Registers and logs
that need no rule stand in `account.book`.

Readings may come one by one or in batches, in any order and twice, up to two days late: the money
is the same. What is skipped is told with `ReadingIgnored`; a meter that was exchanged is announced
with `ReplaceSource`. `keeping.dump` and `keeping.load` keep an account as JSON to the penny,
`keeping.restore` moves it into another meter, `codec` does the same for a tariff or settings alone.

Modules: `model` (tariff and settings), `book` (the state); the rules, by chapters of the E470
manual, in `clock`, `switching`, `registers`, `tariff`, `daily`, `levy`, `periods`, `activation`,
`credit`, `position`, `instalments`, `supply`, `warning`, `buttons`, `payments`, `gas`, `tenancy`,
`currency`, `tamper`, `profile`, `reads`, `snapshots`; `validate` says what is impossible;
`commands`, `advance` and `step` bring them together. Where the manual can be read in more than one
way, the module says which reading it takes.
"""
