// Moves and enlarges the picture of a graph, and saves it as a picture file. Without scripts it is a picture with links.
"use strict";

const svg = document.querySelector("[data-graph]");
if (svg) {
  const box = svg.viewBox.baseVal;
  const whole = { width: box.width, height: box.height };
  const zoom = (by, x, y) => {
    const wide = Math.min(whole.width * 1.5, Math.max(whole.width / 12, box.width * by));
    const by2 = wide / box.width;
    box.x += (x - box.x) * (1 - by2);
    box.y += (y - box.y) * (1 - by2);
    box.width *= by2;
    box.height *= by2;
  };
  const spot = (e) => new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse());
  svg.addEventListener("wheel", (e) => {
    if (!e.ctrlKey && !e.metaKey) return;
    e.preventDefault();
    const at = spot(e);
    zoom(e.deltaY > 0 ? 1.15 : 1 / 1.15, at.x, at.y);
  }, { passive: false });
  let held;
  svg.addEventListener("pointerdown", (e) => { if (!e.target.closest("a")) { held = spot(e); svg.setPointerCapture(e.pointerId); } });
  svg.addEventListener("pointermove", (e) => {
    if (!held) return;
    const at = spot(e);
    box.x += held.x - at.x;
    box.y += held.y - at.y;
  });
  svg.addEventListener("pointerup", () => { held = undefined; });
  addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, textarea, select")) return;
    if (e.key === "+" || e.key === "-") zoom(e.key === "-" ? 1.25 : 0.8, box.x + box.width / 2, box.y + box.height / 2);
    if (e.key === "0") { box.x = 0; box.y = 0; box.width = whole.width; box.height = whole.height; }
  });

  const png = document.querySelector("[data-png]");
  png.hidden = false;
  png.addEventListener("click", async () => {
    const reply = await fetch(document.querySelector("a[download]").href);
    const text = await reply.text();
    const image = new Image(whole.width * 2, whole.height * 2);
    image.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(image.src);
    canvas.toBlob((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = "graph.png";
      link.click();
      URL.revokeObjectURL(link.href);
    });
  });
}
