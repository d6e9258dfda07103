"""The installation's sealing key (封签密钥), kept in the data folder, apart from the database."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from taxops.engines.base import Unavailable
from taxops.engines.crypto import KeyPair, generate_keypair

from . import services
from .models import AuditSeal

FILE = "audit-seal.key"


@dataclass(frozen=True, slots=True)
class Sealed:
    """The newest seal (最新封签), and whether it was made just now."""

    seq: int
    at: datetime
    hash: str
    public_key: str
    is_new: bool


def key_pair(folder: Path) -> KeyPair:
    """Return the key pair kept in a folder, making it on first use; readable by the owner only.

    Raises:
        Unavailable: the file is there but cannot be used.
    """
    path = folder / FILE
    if not path.exists():
        keys = generate_keypair()
        draft = folder / f"{FILE}.{os.getpid()}.{keys.public.hex()[:8]}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(f"{keys.public.hex()}\n{keys.private.hex()}\n")
        try:
            os.link(draft, path)  # only one of several starting processes wins
        except FileExistsError:
            pass  # the other one's key is read below
        finally:
            draft.unlink()
    try:
        public, private = path.read_text().split()
        return KeyPair(bytes.fromhex(public), bytes.fromhex(private))
    except (OSError, ValueError) as error:
        raise Unavailable(
            f"封签密钥 {path} 无法使用。", "请从备份恢复该文件，或移走它以生成新的密钥。"
        ) from error


def seal_now(now: datetime) -> Sealed:
    """Seal the present head with the installation's key and return the newest seal.

    Raises:
        Unavailable: the key cannot be used.
    """
    keys = key_pair(settings.CONFIG.data)
    made = services.seal(keys, now=now)
    newest = AuditSeal.objects.order_by("-seq").first()
    if newest is None:
        return Sealed(0, now, "", keys.public.hex(), is_new=False)
    return Sealed(newest.seq, newest.at, newest.hash, newest.public_key, is_new=made is not None)
