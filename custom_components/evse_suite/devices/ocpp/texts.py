"""Texts and times as they go over the line."""

from datetime import UTC, datetime

from ..parse import Fields


def text_of(fields: Fields, key: str, longest: int) -> str:
    """Return a text, cut and cleaned: over-long and unprintable ones are sent (protocol D.6)."""
    value = fields.raw.get(key)
    if not isinstance(value, str):
        return ""
    return "".join(it for it in value[:longest] if it.isprintable()).strip()


def time_text(wall_s: float) -> str:
    """Return UNIX time as chargers like it: UTC with a Z and whole seconds."""
    return datetime.fromtimestamp(int(wall_s), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
