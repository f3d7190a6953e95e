"""A photo from a phone becomes a plain JPEG: decoded, turned upright, made smaller, written anew.

Writing it anew drops everything that is not picture: position, device, hidden payloads.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Collection, Mapping

from fastapi import UploadFile
from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import Connection

from hub.kit.errors import Refused
from hub.store.media import MediaKind, MediaStore, linked

MAX_BYTES = 8 << 20
MAX_PIXELS = 64_000_000
MAX_SIDE_PX = 2560
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY = 85


def jpeg_of(data: bytes) -> bytes:
    """A JPEG of at most 2560 pixels a side.

    Raises Refused: `too_large`, or `wrong_media_type` for what is no picture of a known format.
    """
    if len(data) > MAX_BYTES:
        raise Refused(f"a photo has at most {MAX_BYTES >> 20} MiB", code="too_large")
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures; our own limit below decides.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(data), formats=FORMATS)
        if opened.width * opened.height > MAX_PIXELS:
            raise Refused(f"a photo has at most {MAX_PIXELS} pixels", code="too_large")
        opened.draft("RGB", (MAX_SIDE_PX, MAX_SIDE_PX))
        opened.load()
        picture = _upright(opened).convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError) as error:
        raise Refused("this is no picture in JPEG, PNG or WebP", code="wrong_media_type") from error
    except SyntaxError as error:  # Pillow's word for a broken PNG
        raise Refused("this PNG is broken", code="wrong_media_type") from error
    picture.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _upright(picture: Image.Image) -> Image.Image:
    """As it was held; a header that cannot be read says nothing, and the picture counts."""
    try:
        return ImageOps.exif_transpose(picture)
    # Pillow's words for a header that is cut off, of another kind, or full of nonsense.
    except (struct.error, SyntaxError, ValueError, TypeError, KeyError, OSError):
        return picture


def keep(store: MediaStore, sent: Mapping[str, UploadFile]) -> None:
    """Keep photos under their ids, all or none, until the caller's transaction has linked them.

    The first one under an id stands, for it may be evidence by now: what a repeat carries is not
    even looked at. Raises as `jpeg_of` does.
    """
    new = {id_: photo for id_, photo in sent.items() if not store.renew(id_, MediaKind.PHOTO)}
    pictures = {id_: jpeg_of(photo.file.read(MAX_BYTES + 1)) for id_, photo in new.items()}
    for id_, picture in pictures.items():
        store.put(id_, MediaKind.PHOTO, picture)


def unlinked(tx: Connection, photo_ids: Collection[str]) -> set[str]:
    """Those of these photos that nothing refers to yet: they may have been swept."""
    return set(photo_ids) - linked(tx, photo_ids)


def refuse_gone(store: MediaStore, waiting: Collection[str]) -> None:
    """Raises Refused (`photo_gone`) for a photo that was sent and has been swept since.

    Each that is there stays, until the caller's transaction has linked it.
    """
    gone = [each for each in sorted(waiting) if not store.renew(each, MediaKind.PHOTO)]
    if gone:
        raise Refused(f"sent too long ago, send anew: {', '.join(gone)}", code="photo_gone")
