"""From cameras and sensors to packets, frames, readings and the health of each source.

`source` says what a protocol must offer, `sources/` holds the protocols. A `runner` owns the
threads of one camera: `lane` repairs each packet's times (`timeline`), keeps parameter sets
(`annexb`), fills the `ring`, decodes (`decode`) and asks the `gate`; `health` judges what came.
"""
