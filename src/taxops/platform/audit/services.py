"""Writing and checking the trail (审计日志)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from taxops.engines.base import Conflict, Scope
from taxops.engines.crypto import KeyPair, sign, verify_signature
from taxops.engines.ledger import GENESIS, Break, Broken, Head, Link, Verifier, canonical, digest

from . import rules
from .models import AuditEntry, AuditHead, AuditSeal

_BATCH = 2000


def record(
    scope: Scope,
    *,
    now: datetime,
    action: str,
    kind: str,
    object_id: object,
    label: str = "",
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    org_path: str = "",
    at: datetime | None = None,
    request_id: str = "",
) -> AuditEntry:
    """Append one entry to the trail (记审计), inside the caller's transaction: both stand or neither.

    Call it last in a service: from here to the commit other writers wait for the head of the chain.

    Args:
        scope: who acts, from where, by which way.
        now: when this is written down (记录时间).
        action: what is done, `room.verb`, for example `check.edit`.
        kind: what it is done to, for example `check`.
        object_id: its id.
        label: its name at this time, for the reader.
        before: values before; None when it did not exist. Only fields that differ are kept.
        after: values after; None when it does not exist any more.
        org_path: path of the organisation it belongs to; auditors of that subtree see the entry.
        at: when it happened, if that was before it is entered (补录).
        request_id: of the request, to find it in other logs.

    Raises:
        ValueError: a value has no canonical text.
    """
    kept_before, kept_after = rules.changes(before, after)
    with transaction.atomic(savepoint=False):  # it stands or falls with the caller's transaction
        head = _locked_head()
        entry = AuditEntry(
            seq=head.seq + 1,
            at=at or now,
            entered_at=now,
            actor_id=scope.actor_id,
            actor_name=rules.fitting(scope.actor_name, 100),
            action=rules.fitting(action, 80),
            kind=rules.fitting(kind, 60),
            object_id=rules.fitting(str(object_id), 80),
            label=rules.fitting(label, 200),
            before="" if kept_before is None else canonical(kept_before),
            after="" if kept_after is None else canonical(kept_after),
            org_path=rules.fitting(org_path, 200),
            address=rules.fitting(scope.address, 64),
            via=rules.fitting(scope.via, 20),
            request_id=rules.fitting(request_id, 64),
            prev_hash=head.hash,
        )
        entry.hash = digest(entry.seq, entry.prev_hash, content_of(entry))
        entry.save(force_insert=True)
        AuditHead.objects.filter(id=1).update(seq=entry.seq, hash=entry.hash)
    return entry


def _locked_head() -> AuditHead:
    """Return the head of the chain, locked until the transaction ends.

    Raises:
        Conflict: the head is gone though entries are there: somebody removed it.
    """
    head = AuditHead.objects.select_for_update().filter(id=1).first()
    if head is not None:
        return head
    if AuditEntry.objects.exists():
        raise Conflict("审计链头丢失，已停止写入。", "请立即通知审计管理员，执行 taxops audit verify 核查。")
    try:
        with transaction.atomic():
            AuditHead.objects.create(id=1, seq=0, hash=GENESIS)
    except IntegrityError:
        pass  # another process made it a moment ago
    return AuditHead.objects.select_for_update().get(id=1)


def content_of(entry: AuditEntry) -> str:
    """Return the canonical text that an entry's hash covers: everything but number and hashes."""
    return canonical(
        {
            "at": entry.at,
            "entered_at": entry.entered_at,
            "actor_id": entry.actor_id,
            "actor_name": entry.actor_name,
            "action": entry.action,
            "kind": entry.kind,
            "object_id": entry.object_id,
            "label": entry.label,
            "before": entry.before,
            "after": entry.after,
            "org_path": entry.org_path,
            "address": entry.address,
            "via": entry.via,
            "request_id": entry.request_id,
        }
    )


def _links(until: int) -> Iterator[Link]:
    """Yield the rows in order, a batch at a time, so that a million rows need no memory."""
    after = -(2**62)
    while True:
        batch = list(AuditEntry.objects.filter(seq__gt=after, seq__lte=until).order_by("seq")[:_BATCH])
        for entry in batch:
            yield Link(entry.seq, entry.prev_hash, content_of(entry), entry.hash)
        if len(batch) < _BATCH:
            return
        after = batch[-1].seq


def head() -> Head:
    """Return where the chain ends (链头)."""
    row = AuditHead.objects.filter(id=1).first()
    return Head(row.seq, row.hash) if row else Head()


def verify(
    progress: Callable[[int, int], None] | None = None,
    *,
    anchors: Mapping[int, str] | None = None,
    trusted: bytes | None = None,
) -> Broken | None:
    """Return the first row of the trail that does not hold (首个断链行), or None.

    Writers may go on meanwhile: what is checked is the chain up to the head at the start.

    Args:
        progress: told `(rows done, rows in all)` once in a while.
        anchors: number → hash of rows as noted elsewhere (on paper, by another bureau).
        trusted: the only public key whose seals count; every key's by default.
    """
    written = AuditEntry.objects.aggregate(last=Max("seq"))["last"] or 0
    end = head()  # read after the rows: a committed row is never beyond a head read later
    seals, forged = _seals(trusted)
    verifier = Verifier(seals={**seals, **(anchors or {})})
    for link in _links(end.seq):
        broken = verifier.take(link)
        if broken is not None:
            return broken
        if progress is not None and verifier.count % _BATCH == 0:
            progress(verifier.count, end.seq)
    broken = verifier.finish(end)
    if written > end.seq and (broken is None or broken.reason is Break.REWRITTEN):
        return Broken(end.seq + 1, Break.EXTRA, f"第 {end.seq + 1} 条起不在链头之内：多出行，或链头被改。")
    if broken is None and forged is not None:
        broken = Broken(forged, Break.SEAL, f"第 {forged} 条的封签签名无效：封签被改动或伪造。")
    if broken is None and progress is not None:
        progress(end.seq, end.seq)
    return broken


def _seals(trusted: bytes | None) -> tuple[dict[int, str], int | None]:
    """Return number → hash of the seals that carry a good signature, and the first that does not."""
    good: dict[int, str] = {}
    forged = None
    for seal_row in AuditSeal.objects.order_by("seq"):
        try:
            public, signature = bytes.fromhex(seal_row.public_key), bytes.fromhex(seal_row.signature)
        except ValueError:
            public = signature = b""
        text = rules.seal_text(seal_row.seq, seal_row.hash)
        if trusted in (None, public) and verify_signature(public, text, signature):
            good[seal_row.seq] = seal_row.hash
        else:
            forged = forged or seal_row.seq
    return good, forged


def seal(keys: KeyPair, *, now: datetime) -> AuditSeal | None:
    """Sign the present head of the chain (封签) and keep it; None when nothing was written since the last.

    The hash is meant to be noted outside this database too (printed, mailed, sent up): then even its
    owner cannot rewrite what was sealed.
    """
    with transaction.atomic():
        end = _locked_head()
        if not end.seq or AuditSeal.objects.filter(seq=end.seq).exists():
            return None
        return AuditSeal.objects.create(
            seq=end.seq,
            at=now,
            hash=end.hash,
            public_key=keys.public.hex(),
            signature=sign(keys, rules.seal_text(end.seq, end.hash)).hex(),
        )
