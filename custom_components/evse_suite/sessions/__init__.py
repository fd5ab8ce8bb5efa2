"""Charging sessions: seen, counted, valued and kept (PLAN-6).

``record``, ``counting``, ``book``, ``totals``, ``codec`` and ``table`` are pure; ``archive`` keeps
the records on disk and ``keeper`` is what the site holds.
"""
