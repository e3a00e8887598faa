"""Letters over real connections: what a mail server answers, and what each answer means for the letter."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lms import mail
from lms.mail import Away, Letter, NotTaken, Rejected, Smtp, Unclear
from tests.databases import free_port
from tests.factories.post_office import Office, certificate, post_office

LETTER = Letter("wang@clinic.example", "您的证书已签发", "王小明，您好：\n\n.\n..两点\n", "0abc")


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One certificate for all."""
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def office(pem: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A server that is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with post_office(pem) as running:
        yield running


def smtp(office: Office) -> Smtp:
    return Smtp(office.url, "no-reply@skills.example")


def test_a_letter_arrives_as_it_was_written(office: Office) -> None:
    smtp(office).send(LETTER)
    (taken,) = office.taken
    assert taken["To"] == "wang@clinic.example"
    assert taken["Subject"] == "您的证书已签发"
    assert taken["Message-ID"] == "<0abc@skills.example>"
    assert taken["Auto-Submitted"] == "auto-generated"
    assert taken.get_content().replace("\r\n", "\n") == LETTER.text


def test_and_over_tls_from_the_first_byte(pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with post_office(pem, wrapped=True) as office:
        smtp(office).send(LETTER)
        assert len(office.taken) == 1


def test_a_server_nobody_vouches_for_gets_nothing(pem: Path) -> None:
    with post_office(pem) as office:
        with pytest.raises(Away):
            smtp(office).send(LETTER)
        assert office.taken == []


def test_many_letters_go_over_one_connection(office: Office) -> None:
    with smtp(office).open() as post:
        for _number in range(5):
            post.send(LETTER)
    assert (len(office.taken), office.calls) == (5, 1)


def test_a_server_that_hangs_up_between_two_letters_is_called_again(office: Office) -> None:
    office.most = 2
    with smtp(office).open() as post:
        for _number in range(5):
            post.send(LETTER)
    assert (len(office.taken), office.calls) == (5, 3)


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [("550 nobody here", Rejected), ("450 come back later", NotTaken)],
)
def test_a_refused_address(office: Office, answer: str, meaning: type[NotTaken]) -> None:
    office.refuses["wang@clinic.example"] = answer
    with smtp(office).open() as post:
        with pytest.raises(NotTaken) as refused:
            post.send(LETTER)
        assert type(refused.value) is meaning
        assert "wang" not in str(refused.value)
        post.send(Letter("li@clinic.example", "x", "y"))
    assert [one["To"] for one in office.taken] == ["li@clinic.example"]


@pytest.mark.parametrize(("answer", "meaning"), [("554 spam", Rejected), ("451 disk full", NotTaken)])
def test_a_refused_letter(office: Office, answer: str, meaning: type[NotTaken]) -> None:
    office.data_answer = answer
    with pytest.raises(NotTaken) as refused:
        smtp(office).send(LETTER)
    assert type(refused.value) is meaning


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_line_that_breaks_while_the_letter_is_handed_over_is_unclear(office: Office, moment: str) -> None:
    office.hangs_up = moment
    with pytest.raises(Unclear):
        smtp(office).send(LETTER)
    assert len(office.taken) == (moment == "after")


def test_no_server_is_away() -> None:
    with pytest.raises(Away):
        Smtp(f"smtp://localhost:{free_port()}", "no-reply@skills.example").send(LETTER)


def test_the_folder_takes_letters_in_a_row(tmp_path: Path) -> None:
    with mail.mailer(None, "no-reply@skills.example", tmp_path).open() as post:
        post.send(LETTER)
        post.send(LETTER)
    assert len(list(tmp_path.glob("*.eml"))) == 2
