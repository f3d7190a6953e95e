"""Schemes of grid codes. Add one: a class here, a line in `SCHEMES`, an example, a test."""

from __future__ import annotations

import re
from typing import Protocol


class CodeScheme(Protocol):
    """What a code says about itself."""

    name: str

    def fault(self, code: str) -> str | None:
        """What is wrong with the code, in words; None when it is well formed."""
        ...

    def parent(self, code: str) -> str | None:
        """The code one tier up, None for a root or where codes do not tell."""
        ...

    def dedicated(self, code: str) -> bool:
        """True when the code is reserved for dedicated (professional) grids."""
        ...


class Cn15:
    """`CCCCCC TTT VVV GGG`: county (GB/T 2260), town, village, grid; zero-filled above.

    Towns: 001–099 sub-districts, 100–199 towns, 200–399 townships, 400–999 other places. GGG
    901–999 are dedicated grids. A dedicated grid may hang on any tier above it, so zeros are
    allowed between: 990101000000901 is a dedicated grid of the whole county.
    """

    name = "cn15"

    def fault(self, code: str) -> str | None:
        """What is wrong with the code, in words; None when it is well formed."""
        if not re.fullmatch(r"\d{15}", code):
            return f"cn15 codes have 15 digits, {code!r} has not"
        county, town, village, grid = code[:6], code[6:9], code[9:12], code[12:]
        if county[:2] == "00":
            return f"{code}: no province begins with 00"
        if town == "000" and village != "000":
            return f"{code}: a village ({village}) without a town"
        if grid != "000" and village == "000" and not self.dedicated(code):
            return f"{code}: a grid ({grid}) without a village; only 901–999 may hang higher"
        return None

    def parent(self, code: str) -> str | None:
        """Zeroes the last part that is not zero; a county is a root."""
        if code[12:] != "000":
            return code[:12] + "000"
        if code[9:12] != "000":
            return code[:9] + "000000"
        if code[6:9] != "000":
            return code[:6] + "000000000"
        return None

    def dedicated(self, code: str) -> bool:
        """True for GGG 901–999."""
        return code[12:] >= "901"


class Plain:
    """Any short code of letters, digits, dots and dashes; parents are named, not derived."""

    name = "plain"

    def fault(self, code: str) -> str | None:
        """What is wrong with the code, in words; None when it is well formed."""
        if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]{0,31}", code):
            return None
        return f"plain codes are letters, digits, dots and dashes (at most 32), not {code!r}"

    def parent(self, code: str) -> str | None:  # noqa: ARG002 - a plain code says nothing
        """None: plain codes do not tell."""
        return None

    def dedicated(self, code: str) -> bool:  # noqa: ARG002 - a plain code says nothing
        """False: plain codes reserve nothing."""
        return False


DEFAULT_SCHEME = "cn15"
PLUG_INS: tuple[CodeScheme, ...] = (Cn15(), Plain())
SCHEMES = {scheme.name: scheme for scheme in PLUG_INS}
