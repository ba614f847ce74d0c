"""Which watched name a misspelt one stands for: one slip of the hand in it, and no other word meant. Pure.

Laws:
1. Time is linear in the text and doesn't grow with the number of names: a form is looked up by what is left of it when
   a letter is taken out (symmetric deletion, as in W. Garbe's SymSpell, 2012), never compared with all names.
2. A word that means something by itself is no slip, nor is a form that is one slip away from two names.
3. The first letter stands: slips seldom touch it (K. Kukich, 1992, who cites 1 to 7 % of misspellings).
"""

from collections.abc import Iterable, Iterator

FEWEST = 6
"""Letters of a name that may be misspelt: of the shorter ones too many words are one slip away."""

FEWEST_TO_CHANGE = 8
"""Letters of a name in which a letter may be another one, or one too many that doubles none."""

MOST = 40
"""Letters of the longest form that is looked up."""


class Slips:
    """Finds names by forms with one slip. Names and forms are folded, and their blanks and hyphens are taken out."""

    def __init__(self, names: Iterable[str]) -> None:
        """Index `names`; those too short, too long, or with other signs than letters can't be misspelt."""
        self._near: dict[str, tuple[str, ...]] = {}
        for name in dict.fromkeys(names):
            if FEWEST <= len(name) <= MOST and name.isalpha():
                for form in {name, *_shorter(name)}:
                    self._near[form] = (*self._near.get(form, ()), name)

    def meant_by(self, form: str) -> str | None:
        """The only name that `form` is with one slip; None if there is none, or it is a name itself."""
        if not (FEWEST - 1 <= len(form) <= MOST + 1 and form.isalpha()):
            return None
        seen = {name for key in (form, *_shorter(form)) for name in self._near.get(key, ())}
        near = [name for name in seen if is_slip(name, form)]
        return near[0] if len(near) == 1 and form not in seen else None


def is_slip(name: str, form: str) -> bool:
    """Whether `form` is `name` with one slip.

    A letter is left out, doubled, or changes places with the next; an `s` is put on; and in a longer name a letter is
    another one, or one too many.
    """
    if name == form or name[0] != form[0]:
        return False
    at = next((at for at, (one, other) in enumerate(zip(name, form, strict=False)) if one != other), len(name))
    at = min(at, len(form))
    longer = len(name) >= FEWEST_TO_CHANGE
    if len(form) == len(name) - 1:
        return name[at + 1 :] == form[at:]
    if len(form) == len(name) + 1:
        more = form[at]
        return name[at:] == form[at + 1 :] and (longer or more == form[at - 1] or (at == len(name) and more == "s"))
    if len(form) == len(name):
        swapped = name[at : at + 2] == form[at : at + 2][::-1] and name[at + 2 :] == form[at + 2 :]
        return swapped or (longer and name[at + 1 :] == form[at + 1 :])
    return False


def _shorter(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(1, len(word)))
