"""Certificates verified, issued and revoked from the command line."""

from pathlib import Path

from assessments.certification import models
from tests import databases
from tests.assessments.certification.conftest import Way
from tests.assessments.certification.signing import approved, said, signed_here, verified


def test_verify_from_the_command_line(real: Way, live: databases.Live, tmp_path: Path) -> None:
    made = approved(real, real.world.a.doctor)
    assert verified(real, made.number)[1]["status"] == "unsigned"
    signed_here(live)
    pdf = downloaded(real, made)
    path = tmp_path / "certificate.pdf"
    path.write_bytes(pdf)
    code, outcome = verified(real, str(path))
    assert (code, outcome["file"], outcome["certificate"]["name"]) == (0, "as issued", "王小明")
    path.write_bytes(pdf.replace(b"5303022026", b"5303022027"))
    code, outcome = verified(real, str(path))
    assert (code, outcome["ok"]) == (1, False)
    path.write_bytes(pdf + b"\n% something more")
    assert verified(real, str(path))[1]["file"] == "altered"
    text = fragment(pdf)
    assert verified(real, text)[0] == 0
    assert verified(real, f"http://127.0.0.1/v/x#{text}")[0] == 0
    changed = text[:9] + ("A" if text[9] != "A" else "B") + text[10:]
    assert verified(real, changed) == (1, verified(real, changed)[1] | {"ok": False, "genuine": False})
    assert verified(real, "5303022026999998")[0] == 1


def downloaded(way: Way, made: models.Certificate) -> bytes:
    """The file as the doctor gets it."""
    from lms.people.queries import actor_for

    with way.app.app_context():
        way.app.extensions["identify"] = lambda doctor=actor_for(way.world.a.doctor): doctor
    answer = way.app.test_client().get(f"/certificates/{made.id}/certificate.pdf")
    assert answer.status_code == 200
    return answer.data


def fragment(pdf: bytes) -> str:
    """What stands behind the # of the QR code."""
    import pypdfium2
    import zxingcpp

    opened = pypdfium2.PdfDocument(pdf)
    page = opened[0]
    (code,) = zxingcpp.read_barcodes(page.render(scale=3).to_pil(), formats=zxingcpp.BarcodeFormat.QRCode)
    page.close()
    opened.close()
    return str(code.text.partition("#")[2])


def test_issue_and_revoke_from_the_command_line(real: Way, live: databases.Live) -> None:
    a = real.world.a
    half = real.two_stars(a.second_doctor)
    real.approve(a.certificate_officer, half)
    whole = real.two_stars(a.doctor)
    for officer in (a.certificate_officer, a.second_certificate_officer):
        real.approve(officer, whole)
    issued = said(real, "certificates", "issue")[1]
    assert len(issued["issued"]) == 1
    (number,) = issued["issued"]
    signed_here(live)
    options = ["--reason", "issued_in_error", "--note", "成绩录错"]
    auditor = ["--as", "a-auditor", *options, "--code", "1"]
    assert said(real, "certificates", "revoke", number, *auditor)[0] == 1
    stranger = ["--as", "b-certificate_officer", *options, "--code", real.code(real.world.b.certificate_officer)]
    assert said(real, "certificates", "revoke", number, *stranger)[0] == 1
    mine = ["--as", "a-certificate_officer", *options, "--code", real.code(a.certificate_officer)]
    code, asked = said(real, "certificates", "revoke", number, *mine)
    assert (code, asked["state"]) == (0, "waits for a second officer")
    assert verified(real, number)[1]["status"] == "valid"
    real.answer(a.second_certificate_officer, asked["request"])
    code, outcome = verified(real, number)
    assert (code, outcome["status"]) == (1, "revoked")
    assert said(real, "ledger", "verify")[1]["holds"]
