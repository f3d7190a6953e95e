"""The file that is handed out: marked pictures and clips, hashes, the case, a word about it."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from hub.kit.clock import iso
from hub.kit.errors import NotFound, Permanent
from hub.privacy.exports.service import Export
from hub.privacy.exports.watermark import Stamp
from hub.store.media import MediaKind, MediaStore

BYTES_MAX = 256 << 20
"""Of originals, and of what comes of them: it is made in memory."""
EXPORTED = (MediaKind.PICTURE, MediaKind.CLIP, MediaKind.PHOTO)
_EARLIEST = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the case's timeline: no names of staff leave the house.

    `reason` is a code; what people wrote stands there only where it was asked for.
    """

    at: float
    what: str
    before: str | None
    after: str | None
    reason: str
    evidence_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """One file in the package, with the hashes of the original and of what was handed out."""

    name: str
    evidence_id: str
    kind: str
    original_sha256: str
    sha256: str
    size_bytes: int


def build(
    export: Export, store: MediaStore, stamp: Stamp, timeline: Sequence[Line], made_at: float
) -> bytes:
    """The ZIP. What is gone meanwhile is named in the manifest.

    Raises Permanent (`evidence_gone` when nothing is left, `too_large`, `unreadable_evidence`).
    """
    out = io.BytesIO()
    pieces: list[Piece] = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for piece, content in _pieces(export, store, stamp):
            pieces.append(piece)
            _add(archive, piece.name, content)
            if out.tell() > BYTES_MAX:
                raise Permanent("more than one file may hold: choose fewer", code="too_large")
        if not pieces:
            raise Permanent("nothing of it is there any more", code="evidence_gone")
        gone = set(export.question.evidence_ids) - {piece.evidence_id for piece in pieces}
        _add(archive, "manifest.json", _json(_manifest(export, pieces, gone, made_at)))
        chosen = set(export.question.evidence_ids)
        _add(archive, "timeline.json", _json([_told(line, chosen) for line in timeline]))
        _add(archive, "README.txt", _letter(export).encode())
    return out.getvalue()


def _pieces(export: Export, store: MediaStore, stamp: Stamp) -> Iterator[tuple[Piece, bytes]]:
    number = 0
    for evidence_id in export.question.evidence_ids:
        for kind in EXPORTED:
            original = _original(store, evidence_id, kind)
            if original is None:
                continue
            number += 1
            marked = stamp.clip(original) if kind is MediaKind.CLIP else stamp.picture(original)
            name = f"evidence/{number:03d}-{kind.value}"
            yield (
                Piece(name, evidence_id, kind.value, _hash(original), _hash(marked), len(marked)),
                marked,
            )


def _original(store: MediaStore, evidence_id: str, kind: MediaKind) -> bytes | None:
    with ExitStack() as stack:
        try:
            file = stack.enter_context(store.open(evidence_id, kind))
        except NotFound:
            return None
        content = file.read(BYTES_MAX + 1)
    if len(content) > BYTES_MAX:
        raise Permanent("more than one file may hold: choose fewer", code="too_large")
    return content


def _manifest(
    export: Export, pieces: Iterable[Piece], gone: Iterable[str], made_at: float
) -> dict[str, object]:
    asked = export.question
    return {
        "number": export.number,
        "incident": asked.incident_id,
        "reason": asked.reason.value,
        "receiver": asked.receiver,
        "legal_ground": asked.legal_ground,
        "asked_at": iso(export.asked_at),
        "decided_at": None if export.decided_at is None else iso(export.decided_at),
        "made_at": iso(made_at),
        "free_words": asked.free_words,
        "watermark": "burnt into every picture and every frame",
        "files": [
            {
                "name": piece.name,
                "evidence": piece.evidence_id,
                "kind": piece.kind,
                "original_sha256": piece.original_sha256,
                "sha256": piece.sha256,
                "size_bytes": piece.size_bytes,
            }
            for piece in pieces
        ],
        "gone": sorted(gone),
    }


def _told(line: Line, chosen: Collection[str]) -> dict[str, object]:
    return {
        "at": iso(line.at),
        "what": line.what,
        "from": line.before,
        "to": line.after,
        "reason": line.reason,
        "evidence": [each for each in line.evidence_ids if each in chosen],
    }


def _letter(export: Export) -> str:
    asked = export.question
    zh = "时间线含经办人员所写文字。" if asked.free_words else "时间线不含人员所写文字。"
    en = "has what staff wrote" if asked.free_words else "has no words of staff"
    return (
        f"导出编号 {export.number}\n"
        f"接收单位：{asked.receiver}\n法律依据：{asked.legal_ground}\n\n"
        "本文件含个人信息，仅限上述用途使用：不得另行复制、传播或公开；公开时须对人脸、车牌等作遮挡处理。"
        "用毕请销毁。每张图片、每帧画面均带有水印；manifest.json 列出原件与导出件的 SHA-256。"
        f"{zh}\n\n"
        f"Export {export.number}\nFor: {asked.receiver}\nLegal ground: {asked.legal_ground}\n\n"
        "This file holds personal data and serves only the purpose above: do not copy it on,\n"
        "share or publish it; whoever must publish covers faces and plates first. Destroy it\n"
        "after use. "
        "Every picture and every frame carries a watermark; manifest.json has the SHA-256 of the\n"
        f"originals and of what is in here; timeline.json {en}.\n"
    )


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    # No time of this machine: the same evidence makes the same file.
    archive.writestr(zipfile.ZipInfo(name, _EARLIEST), content)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
