"""A small sheet for tests of what is made of sheets."""

from pathlib import Path

from training.sheets import Sheet, read_sheet

HEAD = """\
scenario: bakery
us: {name: Brightlab}
watch:
  - {name: Okterra, role: vendor, people: [Maren Oduya], about: Sign-on service}
  - {name: Varnholt, role: rival, aliases: [VHT], about: Another bakery}
  - {name: Box, role: vendor, not: [ballot box], about: Storage}
  - {name: Quillonix, role: vendor, about: Payments}
"""

STORIES = """\
# deal acquisition
@ 2026-03-02T08:14 wire-1 rumour high | Varnholt:main:actor, Okterra:main:target
Varnholt in talks to buy Okterra
Brightlab, a customer, looks on.

@ 2026-03-04T10:00Z wire-2 confirmed critical | Okterra:main:target, Varnholt:main:actor | 40 million; two seats
VHT buys Okterra
-

# no-deal none < deal
@ 2026-03-03T09:00 blog-1 reported none | Okterra:passing:none
Ten things to know of logins
Okterra is one of them.
# ~ outage
@ 2026-03-05T07:30 vendor-okterra confirmed critical lang=de | Okterra:main:actor
Anmeldung gest\u00f6rt
Seit heute fr\u00fch.
# ~ none
@ 2026-03-01T06:00 daily reported none | -
Judge leaves a Box of papers at Marlovo
-
"""


def sheet_at(folder: Path, stories: str = STORIES, head: str = HEAD) -> Sheet:
    """The sheet `bakery`, written into `folder` and read."""
    path = folder / "bakery.txt"
    path.write_text(f"{head}---\n{stories}", encoding="utf-8")
    return read_sheet(path)
