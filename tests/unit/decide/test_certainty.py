"""How sure an item is of what it says."""

import pytest

from tests.support.readings import item
from tocsin.decide.certainty import judge_certainty, plain_denial
from tocsin.decide.prose import passages
from tocsin.model import Certainty


def certainty(title: str, body: str = "", *, own: bool = False) -> Certainty:
    return judge_certainty(passages(item(title=title, body=body)), own=own)[0]


@pytest.mark.parametrize(
    ("title", "body", "expected"),
    [
        ("Brindle in talks to buy Marlow, sources say", "", Certainty.RUMOUR),
        ("Brindle weighs bid for Marlow", "", Certainty.RUMOUR),
        ("Brindle may sell its port arm", "", Certainty.RUMOUR),
        ("Brindle to leave Marlow, people familiar say", "", Certainty.REPORTED),
        ("Brindle cuts 90 jobs, newspaper reports", "", Certainty.REPORTED),
        ("Brindle cuts 90 jobs", "A leaked e-mail names the teams.", Certainty.REPORTED),
        ("Brindle confirms breach", "", Certainty.CONFIRMED),
        ("Brindle buys Marlow", "The company announced the deal on Monday.", Certainty.CONFIRMED),
        ("Brindle buys Marlow", "", Certainty.CONFIRMED),
        ("Brindle denies it was hacked", "", Certainty.DENIED),
        ("No truth in sale reports, says Brindle", "", Certainty.DENIED),
    ],
)
def test_words_tell_the_certainty(title: str, body: str, expected: Certainty) -> None:
    """Talks are rumours, sources make reports, statements confirm, and a denial outweighs all."""
    assert certainty(title, body) is expected


def test_own_feed_confirms_or_denies_but_spreads_no_rumour() -> None:
    """A primary feed's word is the company's word."""
    assert certainty("We are in talks about a sale", own=True) is Certainty.CONFIRMED
    assert certainty("We deny the claims", own=True) is Certainty.DENIED


def test_reason_quotes_the_words() -> None:
    """The reason shows the words that decided."""
    _, reason = judge_certainty(passages(item(title="Brindle in talks to buy Marlow")), own=False)
    assert reason.step == "certainty"
    assert "in talks" in reason.text


def test_cue_deep_in_the_body_decides_nothing() -> None:
    """Only the title and the first two sentences are asked."""
    assert certainty("Brindle buys Marlow", "It paid well. It is done. Sources said more.") is Certainty.CONFIRMED


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Paper retracts story on Brindle hack", ""),
        ("Brindle was hacked", "The Post has withdrawn its report that Brindle was hacked. It was wrong."),
        ("Retraction: Brindle hacked", ""),
        ("RETRACTED - Brindle was hacked", ""),
        ("Correction: Brindle did not lose any files", ""),
        ("On Brindle", "Monday's report of a hack was wrong. We regret the error."),
        ("Our story on Brindle has been retracted", ""),
        ("The Post withdraws its Monday\u2019s report on Brindle", ""),
        ("Wire retracts earlier report of Brindle breach", ""),
        ("On Brindle", "The Post has withdrawn its earlier article. Nothing was stolen."),
        ("Bloomberg retracts report of breach at Brindle", ""),
        ("Bloomberg retracts its report on Brindle hack", ""),
        ("Bloomberg retracts today's report", ""),
        ("Bloomberg retracts report of theft from Brindle accounts", ""),
        ("Correction: the regulator did not fine Brindle", ""),
        ("Reuters withdraws its report on Brindle", ""),
        ("Reuters has withdrawn its report of a hack at Brindle", ""),
        ("Bloomberg's report on Brindle was retracted", ""),
    ],
)
def test_a_paper_that_takes_its_story_back_denies_it(title: str, body: str) -> None:
    """Also where nothing in it is called false; of a company's own page it would be about another thing."""
    assert certainty(title, body) is Certainty.DENIED
    assert certainty(title, body, own=True) is Certainty.CONFIRMED


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Brindle retracts its denial", ""),
        ("Brindle withdraws its annual report from sale", ""),
        ("Brindle has withdrawn its outlook", ""),
        ("KPMG withdraws its report on Brindle's accounts", ""),
        ("Auditor has withdrawn its report", ""),
        ("Regulator withdraws its report", ""),
        ("Auditor retracts report on Brindle", ""),
        ("Audit report on Brindle has been withdrawn", ""),
        ("Brindle retracts story card", ""),
        ("Brindle retracts denial after report on hack", ""),
        ("Brindle retracts its annual report", ""),
        ("Brindle withdraws its report on emissions", ""),
        ("Brindle was hacked", "An earlier version of this story misspelled a name. We regret the error."),
        ("Correction: Brindle's boss is 52, not 25", ""),
        ("Brindle was hacked", "It lost files. Police were called. We regret the error."),
        ("Brindle regrets the error in its ledger", ""),
    ],
)
def test_a_slip_put_right_and_other_withdrawals_are_no_retraction(title: str, body: str) -> None:
    """The story stands."""
    assert certainty(title, body) is not Certainty.DENIED


@pytest.mark.parametrize(
    "title",
    [
        "Brindle denies that it is for sale",
        "Brindle dementiert Übernahme durch Marlow",
        "Vorstände bestreiten Absprachen",
        "Brindle dément tout contact avec Marlow",
        "Brindle desmiente la venta de su flota",
        "Brindle niega que haya intrusos en su red",
    ],
)
def test_a_title_says_plainly_that_a_thing_is_denied(title: str) -> None:
    """In the present tense, of which the company is the subject."""
    assert plain_denial(title)


@pytest.mark.parametrize(
    "title",
    [
        "Brindle buys Marlow, weeks after denying it",
        "Brindle, that denies all, sells its port",
        "Brindle had denied sale",
        "Brindle neither confirms nor denies sale",
        "Brindle dementiert nicht",
        "Marlow bestätigt weder noch dementiert",
        "Brindle ne dément pas la vente",
        "Brindle ni confirma ni desmiente la venta",
        "Brindle no niega la venta",
        "Judge denies Brindle's motion to dismiss",
        "Juez niega el recurso de Brindle",
        "Brindle settles, denies wrongdoing",
        "Ports deny access to Brindle",
        "Das war nie so: Brindle am Ende",
    ],
)
def test_a_title_that_denies_nothing_of_the_company(title: str) -> None:
    """What came true, what is left open, what a court refuses, and whose fault it was."""
    assert not plain_denial(title)
