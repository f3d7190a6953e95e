"""Clips prepared once into renditions, so that nothing is encoded while cameras run."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from hub.ingest.simulate import rendition as files
from hub.ingest.simulate.encoder import Encoder, frozen
from hub.ingest.simulate.pictures import background, cropped, pictures, scaled, with_noise
from hub.ingest.simulate.rendition import Rendition
from hub.ingest.simulate.scenario import Clip
from hub.kit.archive import sha256_of
from hub.kit.errors import Misconfigured
from hub.kit.fetch import Progress, pull_member
from hub.types.media import U8, Codec

FORMAT = 1
"""Counted up when the same recipe gives another rendition, so that old ones are not found."""
_SAMPLES_MAX = 30
_EMPTY_S = 4.0
_WORKERS = 2

Told = Callable[[str], None]
"""Called with what is being prepared."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides how a rendition comes out, the clip itself apart."""

    clip: str
    codec: Codec
    width: int
    height: int
    kbps: int
    fps: int
    gop: int
    empty: bool = False
    frozen: bool = False


class Footage:
    """The clips of a scenario as renditions, from the cache or made."""

    def __init__(
        self, clips: dict[str, Clip], cache: Path, progress: Progress | None = None
    ) -> None:
        self._clips, self._cache, self._progress = clips, cache, progress
        self._ready: dict[Recipe, Rendition] = {}
        self._paths: dict[str, Path] = {}

    def get(self, recipe: Recipe) -> Rendition:
        """A rendition made ready before. Raises KeyError."""
        return self._ready[recipe]

    def prepare(self, recipes: Iterable[Recipe], told: Told = lambda _: None) -> None:
        """Make all of `recipes` ready; those of one file are made in one pass over it.

        Raises Misconfigured if a clip cannot be had or read, and what `pull_member` raises.
        """
        wanted = {recipe for recipe in recipes if recipe not in self._ready}
        wanted |= {replace(recipe, frozen=False) for recipe in wanted}
        missing = [recipe for recipe in wanted if not self._from_cache(recipe)]
        passes: dict[tuple[object, ...], list[Recipe]] = defaultdict(list)
        for recipe in missing:
            if not recipe.frozen:
                clip = self._clips[recipe.clip]
                span = (self._path(recipe.clip), clip.start_s, clip.seconds, recipe.fps)
                passes[span].append(recipe)
        still = [recipe for recipe in missing if recipe.frozen]
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="footage") as pool:
            for group in passes.values():
                self._make(group, pool, told)
            list(pool.map(lambda recipe: self._freeze(recipe, told), still))

    def _path(self, name: str) -> Path:
        if name not in self._paths:
            clip = self._clips[name]
            if clip.source.startswith("file:") and not clip.sha256:
                self._paths[name] = Path(clip.source.removeprefix("file:"))
                if not self._paths[name].is_file():
                    raise Misconfigured(f"clip {name}: no file {self._paths[name]}")
            else:
                self._paths[name] = pull_member(
                    clip.source, clip.member, clip.sha256, self._cache, self._progress
                )
        return self._paths[name]

    def _place(self, recipe: Recipe) -> Path:
        """Where the cache keeps a rendition: named by the hash of all that decides it."""
        clip = self._clips[recipe.clip]
        content = clip.sha256 or sha256_of(self._path(recipe.clip))
        cut = clip.model_dump(include={"crop", "start_s", "seconds", "blank"}, mode="json")
        said = {**asdict(recipe), "clip": content, "cut": cut, "format": FORMAT}
        key = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
        return self._cache / "footage" / f"{key[:32]}.frames"

    def _from_cache(self, recipe: Recipe) -> bool:
        found = files.load(self._place(recipe))
        if found is not None:
            self._ready[recipe] = found
        return found is not None

    def _make(self, recipes: Sequence[Recipe], pool: Executor, told: Told) -> None:
        first = recipes[0]
        path = self._path(first.clip)
        told(f"{path.name}: {len(recipes)} renditions")
        makers = [_Maker(recipe, self._clips[recipe.clip]) for recipe in recipes]
        try:
            for picture in pictures(path, self._clips[first.clip], first.fps):
                list(pool.map(partial(_Maker.add, picture=picture), makers))
        except (ValueError, OSError, IndexError) as error:
            raise Misconfigured(f"clip {first.clip} cannot be read: {error}") from error
        for maker, made in zip(makers, pool.map(_Maker.finish, makers), strict=True):
            self._keep(maker.recipe, made)

    def _freeze(self, recipe: Recipe, told: Told) -> None:
        told(f"{recipe.clip}: frozen {recipe.width}x{recipe.height}")
        self._keep(recipe, frozen(self._ready[replace(recipe, frozen=False)]))

    def _keep(self, recipe: Recipe, made: Rendition) -> None:
        files.save(made, self._place(recipe))
        self._ready[recipe] = made


class _Maker:
    """Makes one rendition out of the pictures of its clip."""

    def __init__(self, recipe: Recipe, clip: Clip) -> None:
        self.recipe, self._clip = recipe, clip
        self._encoder = Encoder(
            recipe.codec,
            recipe.width,
            recipe.height,
            fps=recipe.fps,
            gop=recipe.gop,
            kbps=recipe.kbps,
        )
        self._samples: list[U8] = []
        self._seen = 0
        self._every = 1

    def add(self, picture: U8) -> None:
        """Encode it, or for an empty background keep one picture in so many."""
        recipe, part = self.recipe, cropped(picture, self._clip.crop)
        if not recipe.empty:
            self._encoder.add(scaled(part, recipe.width, recipe.height))
            return
        if self._seen % self._every == 0:
            self._samples.append(scaled(part, recipe.width, recipe.height))
            if len(self._samples) > _SAMPLES_MAX:
                self._samples = self._samples[::2]
                self._every *= 2
        self._seen += 1

    def finish(self) -> Rendition:
        """The rendition."""
        if self.recipe.empty:
            still = background(self._samples, self._clip)
            count = max(round(_EMPTY_S * self.recipe.fps), self.recipe.gop)
            for picture in with_noise(still, count):
                self._encoder.add(picture)
        return self._encoder.finish()
