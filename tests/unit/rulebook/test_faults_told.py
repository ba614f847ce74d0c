"""What is said of each slip in the rules, and where: a table of bad inputs."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.readings import rulebook_of
from tests.unit.rulebook.slips import SLIPS, W
from tocsin.errors import ConfigError
from tocsin.rulebook.faults import Fault, RulebookError, closest, listed, suggestion


def faults_of(*texts):
    with pytest.raises(RulebookError) as caught:
        rulebook_of(*texts)
    return caught.value.faults


def places(text):
    """The text without its marks, and the line and column of each."""
    before = text.split("§")[:-1]
    prefixes = ["".join(before[: index + 1]) for index in range(len(before))]
    return text.replace("§", ""), [(one.count("\n") + 1, len(one) - one.rfind("\n")) for one in prefixes]


@pytest.mark.parametrize("name", SLIPS)
def test_each_slip_is_told_at_its_place(name):
    """Line, column and sentence, to the letter."""
    marked, sentences = SLIPS[name]
    text, marks = places(marked)
    faults = faults_of(text)
    assert [fault.message for fault in faults] == sentences
    assert [(fault.line, fault.column) for fault in faults] == (marks or [(0, 0)])


def test_every_fault_of_every_file_is_told_at_once():
    """A file that can't be parsed doesn't hide what is wrong in the next one, nor one slip another."""
    third = "rules: [{name: a, severity: high, when: {evnt: x, event: y}}]"
    assert len(faults_of("watch: [", W.replace("role", "rol"), third)) == 5
    with pytest.raises(ConfigError) as caught:
        rulebook_of("watch: [", W.replace("role", "rol"))
    lines = str(caught.value).splitlines()
    assert [line.split(":")[0] for line in lines] == ["0.yaml", "1.yaml", "1.yaml"]


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("watch: [{name: Okta, role: rival}]", "1.yaml:1:9: the watch `Okta` is given twice, first at 0.yaml:1:9"),
        (
            "rules: [{name: r, severity: low, when: {event: outage}}]",
            "1.yaml:1:9: the rule `r` is given twice, first at 0.yaml:2:9",
        ),
        ("receivers: {c: {console: {}}}", "1.yaml:1:13: the receiver `c` is given twice, first at 0.yaml:3:13"),
        ("us: {name: B}", "1.yaml:1:1: `us` stands twice, first at 0.yaml:4:1"),
        ("events: {e: {about: x}}", "1.yaml:1:10: the event kind `e` is described twice, first at 0.yaml:5:10"),
    ],
)
def test_what_stands_twice_across_files_names_both_places(section, said):
    """The second place is where the fault is shown, the first stands in its sentence."""
    first = (
        "watch: [{name: Okta, role: vendor}]\nrules: [{name: r, severity: low, when: {event: outage}}]\n"
        "receivers: {c: {console: {}}}\nus: {name: A}\nevents: {e: {about: x}}\n"
    )
    with pytest.raises(RulebookError) as caught:
        rulebook_of(first, section)
    (fault,) = caught.value.faults
    assert str(fault).startswith(said)


def test_an_alias_bomb_is_a_fault_and_fast():
    """Nine levels of ten aliases would be a billion values."""
    levels = [f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 10)}]" for i in range(9)]
    begun = time.perf_counter()
    (fault,) = faults_of("\n".join(["a: &a [x,x,x,x,x,x,x,x,x,x]", *levels]))
    assert fault.message.startswith("this file holds more than 200,000 values, counting each alias (`*name`) in full")
    assert time.perf_counter() - begun < 20


def test_no_fault_shows_a_feed_address():
    """An address may hold a key."""
    twice = "'https://x.example/?key=SECRET', 'https://x.example/?key=SECRET'"
    text = f"{W}feeds: [{twice}, 'gopher://SECRET', 'https:// SECRET']\n"
    assert not any("SECRET" in str(fault) for fault in faults_of(text))


def test_a_fault_without_a_place_shows_its_file_alone():
    """An editor can't jump to line 0."""
    assert str(Fault(file="a.yaml", message="it is empty")) == "a.yaml: it is empty"
    assert str(Fault(file="a.yaml", line=1, column=2, message="no")) == "a.yaml:1:2: no"


def test_words_for_suggestions_and_lists():
    """A near word is offered whatever its case; a far one isn't."""
    assert closest("OKTO", ["Okta", "Box"]) == "Okta"
    assert suggestion("zzz", ["Okta"]) == ""
    assert (listed(["a"]), listed(["a", "b", "c"])) == ("a", "a, b or c")


def faults_or_none(text):
    try:
        rulebook_of(text)
    except RulebookError as error:
        return error.faults
    return None


@given(st.text(max_size=200))
def test_any_text_is_a_rulebook_or_faults(text):
    """Whatever a file holds, there is a rulebook or a fault with a place in the file, and no other exception."""
    faults = faults_or_none(text)
    assert faults is None or len(faults) > 0
    assert all(fault.message and fault.line <= len(text) + 1 for fault in faults or ())


YAMLISH = st.lists(
    st.sampled_from(
        [
            "watch:",
            "rules:",
            "when:",
            "name:",
            "  ",
            "- ",
            "{",
            "}",
            "[",
            "]",
            ",",
            ": ",
            "\n",
            "&a ",
            "*a",
            "!t ",
            "'",
            '"',
            "#",
            "|",
            "x",
            "1",
            "role: vendor",
            "? ",
            "event",
            "any",
            "\t",
        ]
    ),
    max_size=40,
)


@given(YAMLISH.map("".join))
def test_any_yaml_is_a_rulebook_or_faults(text):
    """The same of text that looks like YAML."""
    faults = faults_or_none(text)
    assert faults is None or len(faults) > 0
