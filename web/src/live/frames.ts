/** When a picture comes onto the screen. */

/**
 * Calls once, with the media time (seconds) of the next picture; returns how to call it off. Where
 * the browser tells of no frames, the clock of the video does, some times a second.
 */
export function onNextFrame(video: HTMLVideoElement, call: (mediaS: number) => void): () => void {
  if (video.requestVideoFrameCallback) {
    const number = video.requestVideoFrameCallback((_now, { mediaTime }) => call(mediaTime));
    return () => video.cancelVideoFrameCallback(number);
  }
  const off = () => video.removeEventListener("timeupdate", look);
  const look = () => {
    if (video.readyState < HAVE_CURRENT_DATA) return; // it also tells that it was emptied
    off();
    call(video.currentTime);
  };
  video.addEventListener("timeupdate", look);
  return off;
}

/** `HTMLMediaElement.HAVE_CURRENT_DATA` */
const HAVE_CURRENT_DATA = 2;
