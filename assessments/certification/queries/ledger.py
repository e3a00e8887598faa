"""The words of certification as the ledger asks for them: sealed, beside columns that must say the same."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification import models as m
from lms.db import Everything
from lms.ledger.queries import Kept, Source


def _source(model: type[m.InLedger], at: object, columns: dict[str, object]) -> Source:
    """A source that reads one table; `columns` are words by name and the SQL that must say the same."""

    def kept(session: orm.Session, first: int, end: int) -> Iterable[Kept]:
        query = sa.select(model.ledger_index, model.sealed, at, *columns.values()).where(  # type: ignore[call-overload]
            model.ledger_index >= first, model.ledger_index < end
        )
        for index, sealed, moment, *values in session.execute(query, execution_options=Everything):
            yield Kept(index, sealed, moment, dict(zip(columns, values, strict=True)))

    return kept


def _hex(column: object) -> sa.ColumnElement[str]:
    return sa.func.encode(column, "hex")


def _day(column: object) -> sa.ColumnElement[str]:
    return sa.func.to_char(column, "YYYY-MM-DD")


def _other(model: type, column: object, key: object) -> sa.ScalarSelect[str]:
    return sa.select(column).where(model.id == key).scalar_subquery()  # type: ignore[attr-defined,call-overload,no-any-return]


def sources() -> dict[str, Source]:
    """Who keeps the words of which kind of entry."""
    a, p, d, c, x = m.Approval, m.Proposal, m.StarDecision, m.Certificate, m.CertificateChange
    v, r, n = m.PolicyVersion, m.RevocationRequest, m.RevocationAnswer
    return {
        "certification.policy": _source(
            v, v.loaded_at, {"code": v.code, "version": v.version, "hash": _hex(v.content_hash)}
        ),
        "certification.decision": _source(
            d, d.decided_at, {"star": d.star, "evidence": _hex(d.evidence_hash), "on": _day(d.on_day)}
        ),
        "certification.proposal": _source(
            p, p.proposed_at, {"star": p.star, "category": p.category, "public_id": p.public_id}
        ),
        "certification.closing": _source(m.ProposalClosing, m.ProposalClosing.at, {"kind": m.ProposalClosing.kind}),
        "certification.approval": _source(
            a,
            a.approved_at,
            {"document": _hex(a.document_hash), "place": a.place, "officer_id": a.approver_id, "act": a.act_id},
        ),
        "certification.issued": _source(c, c.issued_at, {"number": c.number, "star": c.star}),
        "certification.change": _source(
            x, x.at, {"kind": x.kind, "on": _day(x.on_day), "number": _other(c, c.number, x.certificate_id)}
        ),
        "certification.revocation-request": _source(r, r.at, {"category": r.category, "act": r.act_id}),
        "certification.revocation-answer": _source(n, n.at, {"confirmed": n.confirmed, "act": n.act_id}),
    }
