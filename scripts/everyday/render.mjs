// Draws SVG jobs at a fixed size on white and appends them as raw RGB to a file.
// usage: node render.mjs JOBS.json OUT.rgb SIZE
// JOBS.json: [{set, icon, style}]. Pictures that OUT.rgb already holds are skipped, so that the caller can restart
// after a drawing that crashed the renderer. Every record is SIZE*SIZE*3 bytes.
import fs from "node:fs";
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const { Resvg } = require("@resvg/resvg-js");

const [jobsPath, outPath, sizeText] = process.argv.slice(2);
const size = Number(sizeText);
const recordBytes = size * size * 3;
const jobs = JSON.parse(fs.readFileSync(jobsPath));
const sets = {};

function icon(set, name) {
  sets[set] ??= require(`@iconify-json/${set}/icons.json`);
  const data = sets[set];
  const seen = data.icons[name] ?? data.icons[data.aliases?.[name]?.parent];
  if (!seen) throw new Error(`${set} has no icon ${name}`);
  return {
    body: seen.body,
    left: seen.left ?? data.left ?? 0,
    top: seen.top ?? data.top ?? 0,
    width: seen.width ?? data.width ?? 16,
    height: seen.height ?? data.height ?? 16,
  };
}

const shapes = "path,circle,ellipse,rect,polygon,polyline";

// Other styles of the same drawing. They stand in for art sets with outlines, which few free sets have.
function styled(style, { body, width, height }) {
  const unit = Math.max(width, height) / 100;
  const pen = (percent, more = "") =>
    `<style>${shapes}{stroke:#000;stroke-width:${unit * percent};stroke-linejoin:round;stroke-linecap:round;${more}}</style>`;
  switch (style) {
    case "plain":
      return body;
    case "outlined_thin":
      return pen(1.6) + body;
    case "outlined":
      return pen(2.8) + body;
    case "line_art":
      return pen(2.2, "fill-opacity:0.15;") + body;
    case "silhouette":
      // The outline alone: the thick pen below, the drawing as it is above.
      return null;
    default:
      throw new Error(`unknown style ${style}`);
  }
}

function svgText(drawing, inner, margin) {
  const { left, top, width, height } = drawing;
  const side = Math.max(width, height) * (1 + 2 * margin);
  const x = left + width / 2 - side / 2;
  const y = top + height / 2 - side / 2;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" color="#000" ` +
    `viewBox="${x} ${y} ${side} ${side}" width="${size}" height="${size}">${inner}</svg>`
  );
}

function draw(svg, background) {
  return new Resvg(svg, { background, fitTo: { mode: "width", value: size }, font: { loadSystemFonts: false } })
    .render().pixels;
}

function render({ set, icon: name, style }) {
  const drawing = icon(set, name);
  // Art that fills its frame would lose half of its new pen line; a thin margin keeps it.
  const margin = style === "plain" ? 0 : 0.03;
  let pixels;
  if (style === "silhouette") {
    const unit = Math.max(drawing.width, drawing.height) / 100;
    const below = `<style>${shapes}{stroke:#000;stroke-width:${unit * 5};stroke-linejoin:round}</style>${drawing.body}`;
    const under = draw(svgText(drawing, below, margin), "#ffffff");
    const over = draw(svgText(drawing, drawing.body, margin), undefined);
    pixels = under;
    for (let i = 0; i < pixels.length; i += 4) {
      // resvg's pixels are premultiplied.
      const rest = 1 - over[i + 3] / 255;
      for (let c = 0; c < 3; c++) pixels[i + c] = Math.min(255, Math.round(over[i + c] + rest * under[i + c]));
    }
  } else {
    pixels = draw(svgText(drawing, styled(style, drawing), margin), "#ffffff");
  }
  const rgb = Buffer.alloc(recordBytes);
  for (let i = 0, j = 0; j < recordBytes; i += 4, j += 3) {
    rgb[j] = pixels[i];
    rgb[j + 1] = pixels[i + 1];
    rgb[j + 2] = pixels[i + 2];
  }
  return rgb;
}

const out = fs.openSync(outPath, "a");
const done = Math.floor(fs.fstatSync(out).size / recordBytes);
for (let n = done; n < jobs.length; n++) {
  let rgb;
  try {
    rgb = render(jobs[n]);
  } catch {
    rgb = Buffer.alloc(recordBytes); // all black: the caller drops it
  }
  fs.writeSync(out, rgb);
}
