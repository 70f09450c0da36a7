"""The metrics of who is not heard or seen; `relay.metrics.table` lists them. Pure data."""

from __future__ import annotations

from typing import Final

from relay.metrics.metric import Metric

SILENCES: Final = Metric(
    "visavis_silences",
    "gauge",
    "",
    ("stage",),
    "Tracks that are not heard or seen though they should be, by how far they come: not_captured, "
    "not_arriving, not_forwarded, not_received, not_played.",
)
SILENCES_BEGUN: Final = Metric(
    "visavis_silences_begun",
    "counter",
    "",
    ("stage", "source"),
    "Silences that people were told of, by how far the track comes and what it is.",
)
SILENCE_REPAIRS: Final = Metric(
    "visavis_silence_repairs",
    "counter",
    "",
    ("step",),
    "What was tried by itself against a silence: key_frame, route (into the slot anew), path (an "
    "ICE restart was asked for).",
)

METRICS: Final = (SILENCES, SILENCES_BEGUN, SILENCE_REPAIRS)
