// Makes the icons, the map and the names of countries which the desk embeds: node make.mjs PAGES
//
//   cp -r tools/assets target/ && cd target/assets && npm ci && node make.mjs ../../crates/desk/pages
//
// What it writes is checked in, so that a build needs neither node nor a network.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { geoArea, geoCentroid, geoEqualEarth, geoPath } from "d3-geo";
import { feature } from "topojson-client";

const require = createRequire(import.meta.url);
const pages = process.argv[2];
const version = (name) => require(`${name}/package.json`).version;
const write = (name, text) => writeFileSync(join(pages, "assets", name), text);

mkdirSync(join(pages, "assets"), { recursive: true });
mkdirSync(join(pages, "licences"), { recursive: true });

// Our word for an icon, and Lucide's. Pages know only ours, so that a picture can be changed here alone.
// Lucide's are those of icon-nodes.json: its older aliases go away from one release to the next.
const icons = {
  // places of the desk
  situation: "layout-dashboard", search: "search", screening: "list-checks", object: "file-text", hits: "git-merge",
  graph: "waypoints", intake: "inbox", network: "globe", ledger: "scroll-text", access: "users", settings: "settings",
  me: "circle-user",
  // deeds and states
  "log-out": "log-out", down: "chevron-down", up: "chevron-up", start: "chevron-left", end: "chevron-right", close: "x",
  check: "check", help: "circle-question-mark", undo: "undo", redo: "redo", download: "download", upload: "upload",
  filter: "funnel", clock: "clock", bell: "bell", warning: "triangle-alert", trouble: "octagon-alert", info: "info",
  shield: "shield", "shield-check": "shield-check", lock: "lock", unlock: "lock-open", key: "key-round", eye: "eye",
  "eye-off": "eye-off", copy: "copy", print: "printer", history: "rotate-ccw-clock", difference: "git-compare", remove: "trash",
  pause: "pause", play: "play", refresh: "refresh-cw", command: "command", keyboard: "keyboard", dense: "rows-4",
  loose: "rows-2", external: "external-link", link: "link", map: "map", list: "list", timeline: "chart-gantt",
  star: "star", send: "send", plus: "plus", minus: "minus", paste: "clipboard-paste", flag: "flag",
  // what observables are about
  hash: "hash", wallet: "wallet", phone: "phone", mail: "mail", server: "server", bug: "bug",
  fingerprint: "fingerprint-pattern", bank: "landmark", person: "user", organisation: "building-complex", place: "map-pin",
  // kinds of STIX objects
  report: "newspaper", indicator: "crosshair", malware: "bug", actor: "venetian-mask", campaign: "megaphone",
  tool: "wrench", vulnerability: "shield-alert", observable: "scan-search", relationship: "arrow-right-left",
  sighting: "binoculars", grouping: "folder-open", note: "sticky-note", identity: "id-card",
  // shapes, which tell kinds apart where colour must not
  circle: "circle", square: "square", diamond: "diamond", triangle: "triangle", hexagon: "hexagon", octagon: "octagon",
  pentagon: "pentagon",
};

const drawn = require("lucide-static/icon-nodes.json");
const element = ([tag, attributes]) =>
  `<${tag}${Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`).join("")}/>`;
const symbols = Object.entries(icons).map(([ours, theirs]) => {
  if (!drawn[theirs]) throw new Error(`Lucide has no ${theirs}`);
  return `<symbol id="${ours}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" ` +
    `stroke-linecap="round" stroke-linejoin="round">${drawn[theirs].map(element).join("")}</symbol>\n`;
});
write("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">
<!-- Made by tools/assets/make.mjs from Lucide ${version("lucide-static")}: see licences/lucide.txt. -->
${symbols.join("")}</svg>\n`);

// Nobody lives in Antarctica, and without it the map has room for where people do.
const land = feature(require("world-atlas/land-110m.json"), "land").features[0].geometry;
land.coordinates = land.coordinates.filter(([outer]) => outer.some(([, latitude]) => latitude > -60));

// Areas are true to each other. The map is cut in the Bering Strait, where no land is torn. The margin keeps
// the dots of Pacific islands whole; the southern edge takes in Bouvet Island and South Georgia.
const margin = 8;
const projection = geoEqualEarth().rotate([-11, 0]).fitWidth(1000 - 2 * margin, { type: "Sphere" });
const [x, y] = projection.translate();
projection.translate([x + margin, y + margin - geoPath(projection).bounds(land)[0][1]]);
const height = Math.ceil(projection([11, -57])[1]);

// A path in steps of a tenth, each from the point before, is half as long as one that repeats where it is.
// Steps are between rounded points, so that rounding does not add up.
function outline(geometry) {
  let path = "";
  let at = [0, 0];
  let first = at;
  const step = (command, to) => {
    const by = to.map((value, axis) => value - at[axis]);
    at = to;
    if (command === "l" && !by[0] && !by[1]) return;
    const [across, along] = by.map((tenths) => String(tenths / 10).replace(/^(-?)0\./, "$1."));
    path += command + across + (along.startsWith("-") ? "" : " ") + along;
  };
  const tenths = (...point) => point.map((value) => Math.round(value * 10));
  geoPath(projection, {
    moveTo: (...point) => { step("m", tenths(...point)); first = at; },
    lineTo: (...point) => step("l", tenths(...point)),
    closePath: () => { path += "z"; at = first; },
  })(geometry);
  return path;
}
write("world.svg", `<svg xmlns="http://www.w3.org/2000/svg">
<!-- Made by tools/assets/make.mjs from Natural Earth, by way of world-atlas ${version("world-atlas")}: see
     licences/natural-earth.txt. Borders are left out, since some are disputed. -->
<symbol id="land" viewBox="0 0 1000 ${height}"><path fill="currentColor" d="${outline(land)}"/></symbol>
</svg>\n`);

// Countries of ISO 3166-1 are those with a number below 900 (others are CLDR's own) that no other code replaced.
const mappings = require("cldr-core/supplemental/codeMappings.json").supplemental.codeMappings;
const replaced = require("cldr-core/supplemental/aliases.json").supplemental.metadata.alias.territoryAlias;
const numbers = new Map(Object.entries(mappings)
  .filter(([code, { _numeric }]) => code.length === 2 && _numeric < "900" && !(code in replaced))
  .map(([code, { _numeric }]) => [_numeric, code]));
const countries = [...numbers.values(), "XK"].sort();

// Longitude and latitude for what has no shape of its own in world-atlas: the capital, or the main settlement or
// island where there is none. The middles of Viet Nam and Israel would lie beyond their borders, so they have a place
// inside. Antarctica, whose land is cut off, has its dot at the southern edge.
const places = {
  AQ: [11, -56], BQ: [-68.27, 12.14], BV: [3.36, -54.42], CC: [96.83, -12.19], CX: [105.68, -10.42],
  GF: [-52.33, 4.94], GI: [-5.35, 36.14], GP: [-61.73, 15.99], IL: [34.79, 31.25], MQ: [-61.07, 14.6],
  RE: [55.45, -20.88], SJ: [15.63, 78.22], TK: [-171.85, -9.2], TV: [179.2, -8.52], UM: [166.65, 19.28],
  VN: [105.85, 21.03], YT: [45.23, -12.78],
};

// The largest piece of land, since the middle of France with its overseas departments lies in the Atlantic.
const largest = new Map();
for (const { id, properties, geometry } of feature(require("world-atlas/countries-50m.json"), "countries").features) {
  const code = properties.name === "Kosovo" ? "XK" : numbers.get(id);
  const pieces = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  for (const coordinates of pieces) {
    const piece = { type: "Polygon", coordinates };
    const area = geoArea(piece);
    if (code && area > (largest.get(code)?.area ?? 0)) largest.set(code, { area, piece });
  }
}
const centres = countries.map((code) => {
  const place = places[code] ?? geoCentroid(largest.get(code).piece);
  return `${code} ${projection(place).map((value) => value.toFixed(1)).join(" ")}\n`;
});
write("centres.txt", `# Where the dot of a country is drawn on world.svg, made by tools/assets/make.mjs: the centroid of its largest ` +
  `piece of land in Natural Earth, or a place in it.\n${centres.join("")}`);

const languages = ["en", "fr", "es", "ar", "de"].map((language) =>
  require(`cldr-localenames-full/main/${language}/territories.json`).main[language].localeDisplayNames.territories);
const names = [...countries, "EU", "UN"].sort().map((code) =>
  [code, ...languages.map((territories) => {
    if (!territories[code]) throw new Error(`CLDR has no name for ${code}`);
    return territories[code];
  })].join("\t") + "\n");
write("countries.txt", `# Names of countries in English, French, Spanish, Arabic and German, made by tools/assets/make.mjs from ` +
  `Unicode CLDR ${version("cldr-core")}: see licences/unicode.txt.\n${names.join("")}`);

// natural-earth.txt is written by hand: the terms are not in the package.
for (const [name, of] of [["lucide", "lucide-static"], ["world-atlas", "world-atlas"], ["unicode", "cldr-core"]]) {
  copyFileSync(require.resolve(`${of}/LICENSE`), join(pages, "licences", `${name}.txt`));
}
