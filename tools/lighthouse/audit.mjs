// Audits pages in a browser that runs already and is logged in: `node audit.mjs PORT < pages.json`, where the pages are
// an array of [name, address]. Prints a line of JSON a page: its scores of 100, and the audits that cost it some.
import { readFileSync } from "node:fs";
import lighthouse from "lighthouse";

const port = Number(process.argv[2]);
const pages = JSON.parse(readFileSync(0, "utf8"));
const categories = ["performance", "accessibility", "best-practices"];
// The screen and the line of a small bureau.
const settings = {
  onlyCategories: categories,
  disableStorageReset: true,
  // The page that says that there is nothing is one too.
  ignoreStatusCode: true,
  // A session counts for the browser that began it.
  emulatedUserAgent: false,
  formFactor: "desktop",
  screenEmulation: { mobile: false, width: 1366, height: 768, deviceScaleFactor: 1, disabled: false },
  throttling: { rttMs: 40, throughputKbps: 2_000, requestLatencyMs: 0, downloadThroughputKbps: 0, uploadThroughputKbps: 0, cpuSlowdownMultiplier: 1 },
};

for (const [name, address] of pages) {
  const flags = { port, output: "json", logLevel: "error" };
  const { lhr } = await lighthouse(address, flags, { extends: "lighthouse:default", settings });
  if (lhr.runtimeError) throw new Error(`${name}: ${lhr.runtimeError.message}`);
  const scores = Object.fromEntries(categories.map((id) => [id, Math.round(lhr.categories[id].score * 100)]));
  const costs = categories.flatMap((id) =>
    lhr.categories[id].auditRefs
      .filter((ref) => ref.weight > 0 && lhr.audits[ref.id].score !== null && lhr.audits[ref.id].score < 0.95)
      .map((ref) => `${ref.id} ${lhr.audits[ref.id].score} ${lhr.audits[ref.id].displayValue ?? ""}`.trim()));
  // What the address bar says in the end: a page that sends on to the log-in would be audited in its place.
  const { pathname } = new URL(lhr.finalDisplayedUrl);
  console.log(JSON.stringify({ name, pathname, scores, costs }));
}
