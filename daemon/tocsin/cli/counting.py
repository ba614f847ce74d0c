"""Counts as a person says them: `1 feed`, `2 feeds`. Pure."""


def counted(number: int, noun: str) -> str:
    """How many there are of what `noun` names."""
    if number == 1:
        return f"1 {noun}"
    many = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}es" if noun.endswith("ch") else f"{noun}s"
    return f"{number} {many}"
