// Texts that stand out too little from what lies below them, by WCAG 2.2 (AA). Called in a page.
() => {
  // Colours as sRGB parts 0..1 and an alpha; the canvas knows every way to write one.
  const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const parts = (colour) => {
    if (!known.has(colour)) {
      paint.clearRect(0, 0, 1, 1);
      paint.fillStyle = colour;
      paint.fillRect(0, 0, 1, 1);
      known.set(colour, [...paint.getImageData(0, 0, 1, 1).data].map((v) => v / 255));
    }
    return known.get(colour);
  };
  const over = (top, below) => below.map((v, i) => top[i] * top[3] + v * (1 - top[3]));
  const light = (rgb) => rgb.map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  const WEIGHTS = [0.2126, 0.7152, 0.0722];
  const luminance = (rgb) => light(rgb).reduce((sum, v, i) => sum + v * WEIGHTS[i], 0);
  // What lies below a text: its own and its ancestors' colours up to the first opaque one. A
  // picture or a gradient has no one colour: null.
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const { backgroundColor, backgroundImage } = getComputedStyle(at);
      if (backgroundImage !== "none") return null;
      const colour = parts(backgroundColor);
      layers.push(colour);
      if (colour[3] === 1) break;
      if (at.querySelector(":scope > video, :scope > img, :scope > canvas")) return null;
    }
    return layers.reverse().reduce((below, top) => over(top, below), [1, 1, 1]);
  };
  const opacity = (element) => {
    let all = 1;
    for (let at = element; at; at = at.parentElement) all *= Number(getComputedStyle(at).opacity);
    return all;
  };
  const exempt = ":is(:disabled, [aria-disabled=true], [aria-hidden=true], svg, select) *, :disabled, [aria-disabled=true], [aria-hidden=true]";
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || seen.has(element) || element.matches(exempt)) continue;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    seen.add(element);
    const below = ground(element);
    if (!below) continue;
    const style = getComputedStyle(element);
    const colour = [...parts(style.color)];
    colour[3] *= opacity(element);
    const [a, b] = [luminance(over(colour, below)), luminance(below)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const px = parseFloat(style.fontSize);
    const large = px >= 24 || (px >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5) - 0.01)
      found.push(`${ratio.toFixed(2)} ${element.tagName}.${element.className} ${node.data.trim().slice(0, 30)}`);
  }
  return { found, looked: seen.size };
}
