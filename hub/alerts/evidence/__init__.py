"""What an operator gets to see: a picture with boxes, and a clip that any browser plays."""

from hub.alerts.evidence.clip import NoClip, clip
from hub.alerts.evidence.picture import BoxLabel, Outline, picture

__all__ = ["BoxLabel", "NoClip", "Outline", "clip", "picture"]
