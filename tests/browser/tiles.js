// What each tile of a wall shows. Called in a page.
() => [...document.querySelectorAll('[data-test="tiles"] > [data-camera]')].map((tile) => {
  const video = tile.querySelector("video");
  const live = tile.querySelector("[data-cover]");
  const quality = video.getVideoPlaybackQuality();
  const { buffered } = video;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [32, 18];
  const paint = canvas.getContext("2d", { willReadFrequently: true });
  paint.drawImage(video, 0, 0, 32, 18);
  return {
    camera: tile.dataset.camera,
    at: Date.now() / 1000,
    cover: live.dataset.cover,
    age_s: live.dataset.age === undefined ? null : Number(live.dataset.age),
    behind_s: buffered.length ? buffered.end(buffered.length - 1) - video.currentTime : null,
    decoded: quality.totalVideoFrames,
    size: [video.videoWidth, video.videoHeight],
    pixels: [...paint.getImageData(0, 0, 32, 18).data],
  };
})
