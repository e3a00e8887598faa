"""The words of certification as the ledger asks for them: sealed, beside columns that must say the same."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification import models as m
from lms.db import Everything
from lms.ledger.queries import Kept, Source


def _source(model: type[m.InLedger] | type[m.CertificatePeriod], at: object, columns: dict[str, object]) -> Source:
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
    o, k, z = m.PolicyProposal, m.PolicyApproval, m.PolicyClosing
    v = m.PolicyVersion
    return {
        "certification.policy": _source(
            v, v.loaded_at, {"code": v.code, "version": v.version, "hash": _hex(v.content_hash)}
        ),
        "certification.policy-proposal": _source(
            o, o.proposed_at, {"code": o.code, "version": o.version, "hash": _hex(o.content_hash)}
        ),
        "certification.policy-approval": _source(
            k, k.approved_at, {"hash": _hex(k.content_hash), "place": k.place, "officer_id": k.approver_id}
        ),
        "certification.policy-closing": _source(z, z.at, {"reason": z.reason}),
        "certification.decision": _source(
            d, d.decided_at, {"star": d.star, "evidence": _hex(d.evidence_hash), "on": _day(d.on_day)}
        ),
        "certification.proposal": _source(
            p,
            p.proposed_at,
            {
                "star": p.star,
                "category": p.category,
                "public_id": sa.case((p.renewal, _other(c, c.public_id, p.after_id)), else_=p.public_id),
            },
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
    } | _what_became()


def public_keys(session: orm.Session) -> dict[str, bytes]:
    """The keys with which the signer signs heads of the ledger, and signed them before."""
    return dict(session.execute(sa.select(m.SignerKey.key_id, m.SignerKey.public_key)).all())


def _what_became() -> dict[str, Source]:
    """Second looks, renewals, suspensions and revocations."""
    c, r, n, s = m.Certificate, m.RevocationRequest, m.RevocationAnswer, m.SecondLook
    e, h, w = m.CertificatePeriod, m.SuspensionRequest, m.SuspensionAnswer
    return {
        "certification.renewed": _source(
            e,
            e.made_at,
            {"from": _day(e.begins_on), "until": _day(e.ends_on), "number": _other(c, c.number, e.certificate_id)},
        ),
        "certification.suspension-request": _source(h, h.at, {"kind": h.kind, "category": h.category, "act": h.act_id}),
        "certification.suspension-answer": _source(w, w.at, {"confirmed": w.confirmed, "act": w.act_id}),
        "certification.second-look": _source(
            s, s.at, {"confirmed": s.confirmed, "officer_id": s.by_id, "decision": s.decision_id}
        ),
        "certification.revocation-request": _source(r, r.at, {"category": r.category, "act": r.act_id}),
        "certification.revocation-answer": _source(n, n.at, {"confirmed": n.confirmed, "act": n.act_id}),
    }
