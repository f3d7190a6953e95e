"""The demo: simulated cameras and sensors, a consumer of its own, the hub between them."""
