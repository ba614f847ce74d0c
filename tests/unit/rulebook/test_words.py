"""A validator's complaints become plain sentences, also those of other people's models."""

from typing import Annotated

import pytest
from pydantic import AfterValidator, BaseModel, Field, HttpUrl, TypeAdapter

from tocsin.rulebook.vocabulary import Several
from tocsin.rulebook.words import check, keys_at


def refuse(_):
    raise ValueError("it must be blue")


class Inner(BaseModel):
    model_config = {"extra": "forbid"}
    colour: Annotated[str, AfterValidator(refuse)] = "x"
    size: float = Field(default=1, gt=0, lt=9)
    count: int = Field(default=1, le=3)
    tags: dict[str, str] = Field(default_factory=dict)
    pair: tuple[str, str] = ("a", "b")
    many: list[str] = Field(default_factory=list, min_length=2)
    link: HttpUrl | None = None


class Outer(BaseModel):
    inner: Inner | None = None
    several: Several[Inner] = ()


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("colour", "red", "`colour`: it must be blue"),
        ("size", 0, "`size` must be more than 0.0"),
        ("size", 9, "`size` must be less than 9.0"),
        ("size", "x", "`size` must be a number, not text"),
        ("count", 4, "`count` must be at most 3"),
        ("count", 1.5, "`count` must be a whole number"),
        ("tags", [], "`tags` must be a mapping, like {key: value}, not a list"),
        ("many", "x", "`many` must be a list, like [a, b], not text"),
        ("many", ["x"], "`many` must have at least 2 entries"),
        ("count", object(), "`count` must be a whole number, not something else"),
        ("count", {}, "`count` must be a whole number, not a mapping"),
    ],
)
def test_each_complaint_is_a_sentence(key, value, said):
    """No class, no Python type, no value."""
    _, complaints = check(TypeAdapter(Outer), {"inner": {key: value}})
    assert [complaint.message for complaint in complaints] == [said]
    assert complaints[0].path == ("inner", key)


def test_an_unforeseen_complaint_keeps_the_validator_s_words():
    """Without its web page."""
    _, (complaint,) = check(TypeAdapter(Outer), {"inner": {"link": "nonsense"}})
    assert complaint.message.startswith("`link`: input should be a valid URL")
    assert "pydantic" not in complaint.message


def test_the_keys_of_a_type_are_found_at_any_depth():
    """Through references, alternatives and lists; where there is nothing there are none."""
    adapter = TypeAdapter(Outer)
    assert keys_at(adapter, ()) == ["inner", "several"]
    assert "colour" in keys_at(adapter, ("inner",))
    assert "colour" in keys_at(adapter, ("several", 0))
    assert keys_at(adapter, ("inner", "colour", "x")) == []


def test_a_complaint_knows_where_the_value_stands():
    """The path begins with the place of the value that was checked."""
    _, (complaint,) = check(TypeAdapter(Inner), {"colr": "x"}, under=("here", 3))
    assert (complaint.path, complaint.on_key) == (("here", 3, "colr"), True)
    assert complaint.message == "unknown key `colr`, did you mean `colour`?"
