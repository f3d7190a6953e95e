// Watches the video elements of a selector: of each picture that comes onto the screen the moment
// and the grey level in the middle of each cell of its code (see bench/frame_code.py). Called in a
// page; what was read is taken out of `window.pictureCodes`.
({ selector, columns, rows }) => {
  const CELL = 9;
  const MIDDLE = 3;
  window.pictureCodes ??= [];

  const levels = (paint) => {
    const { data } = paint.getImageData(0, 0, columns * CELL, rows * CELL);
    const found = [];
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let y = MIDDLE; y < 2 * MIDDLE; y++)
          for (let x = MIDDLE; x < 2 * MIDDLE; x++) {
            const at = 4 * ((row * CELL + y) * columns * CELL + column * CELL + x);
            sum += data[at] + data[at + 1] + data[at + 2];
          }
        found.push(Math.round(sum / (3 * MIDDLE * MIDDLE)));
      }
    return found;
  };

  for (const video of document.querySelectorAll(selector)) {
    const { camera } = video.closest("[data-camera]").dataset;
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [columns * CELL, rows * CELL];
    const paint = canvas.getContext("2d", { willReadFrequently: true });
    const read = (now, frame) => {
      video.requestVideoFrameCallback(read);
      // Told with the picture: when the compositor means to have it on the screen.
      const ahead = Math.max(0, frame.expectedDisplayTime - performance.now());
      const moment = (Date.now() + ahead) / 1000;
      paint.drawImage(video, 0, 0, canvas.width, canvas.height);
      window.pictureCodes.push({ camera, moment, levels: levels(paint) });
    };
    video.requestVideoFrameCallback(read);
  }
}
