"""Our working out of ByteTrack's filter gives what the library's own gives."""

from __future__ import annotations

import numpy as np
from trackers.core.bytetrack.tracklet import ByteTrackTracklet
from trackers.utils.predict_timing import PredictTiming

from hub.analytics.motion import SideMotion

STEPS = (1.0, 1.01, 0.4, 1.0, 7.5, 1.2, 1.0, 3.0, 0.98, 1.0)
"""Frames between looks: nominal, jittered, early, after gaps."""


def test_a_box_that_walks_and_is_missed_now_and_then_is_where_the_library_says() -> None:
    rng = np.random.default_rng(7)
    box = np.array([0.2, 0.3, 0.25, 0.5])
    theirs, ours = ByteTrackTracklet(box), ByteTrackTracklet(box, SideMotion)
    for number in range(60):
        step = STEPS[number % len(STEPS)]
        timing = PredictTiming(frame_step=step, elapsed_seconds=step / 5.0, frame_rate=5.0)
        theirs.predict(timing)
        ours.predict(timing)
        np.testing.assert_allclose(ours.get_state_bbox(), theirs.get_state_bbox(), atol=1e-9)
        box = box + 0.01 * step + rng.normal(0.0, 0.01, 4)
        if number % 7 != 3:
            theirs.update(box)
            ours.update(box)
            np.testing.assert_allclose(ours.get_state_bbox(), theirs.get_state_bbox(), atol=1e-9)


def test_what_was_given_out_does_not_move_afterwards() -> None:
    tracklet = ByteTrackTracklet(np.array([0.2, 0.3, 0.25, 0.5]), SideMotion)
    tracklet.update(np.array([0.3, 0.3, 0.35, 0.5]))
    before = tracklet.get_state_bbox()
    kept = before.copy()
    tracklet.predict()
    tracklet.update(np.array([0.6, 0.3, 0.65, 0.5]))
    np.testing.assert_array_equal(before, kept)
