"""Supply accounts in Home Assistant: registers in, money kept, effects out (MTR-2 to MTR-30).

`setup` reads what is configured, `feed` listens to the meter's registers, `store` keeps everything
on disk, `ledger` is one running account, `world` tells Home Assistant what follows, `statistics`
writes history, and `keeper` has the accounts of a site. The rules are in `billing`.
"""
