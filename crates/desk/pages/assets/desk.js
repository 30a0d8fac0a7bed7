// What makes the desk quicker than it is without scripts: keys, the palette, news. Every deed is a link or a form of the
// page; nothing is done here that they do not do.
"use strict";

const all = (css, root = document) => [...root.querySelectorAll(css)];
const typing = (e) => e.closest("input, textarea, select, [contenteditable]");

// The search box: Enter looks, more lines go with Shift; what no address holds is screened, and a machine-readable zone stands in
// none.
const find = document.querySelector(".find");
const person = document.querySelector("[data-person]");
const q = document.getElementById("q");
if (find && q) {
  q.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.shiftKey || e.isComposing) return;
    e.preventDefault();
    find.requestSubmit();
  });
  find.addEventListener("submit", () => {
    if (/^[A-Z0-9<\s]{72,100}$/i.test(q.value) && q.value.includes("<<")) {
      find.action = person.action;
      find.method = "post";
      q.name = "zone";
      return;
    }
    if (q.value.length < 6000) return;
    find.action = find.dataset.many;
    find.method = "post";
    find.enctype = "multipart/form-data";
  });
}

// What opens over the page closes when one goes elsewhere.
const closing = all("details[data-closing]");
addEventListener("click", (e) => closing.forEach((one) => one.contains(e.target) || (one.open = false)));

// Rows: j and k, arrows, home and end; Enter opens.
const rows = () => all("[data-row]");
const first = (row) => row.querySelector(".thing a, a, button, input");
const step = (by) => {
  const list = rows();
  if (!list.length) return false;
  const at = list.findIndex((row) => row.contains(document.activeElement));
  const to = list[Math.max(0, Math.min(list.length - 1, at < 0 ? (by > 0 ? 0 : list.length - 1) : at + by))];
  const target = first(to);
  target?.focus();
  target?.scrollIntoView({ block: "nearest" });
  return !!target;
};

// Back from a drawer, or into one: the line stays the one that keys go on from.
const line = location.hash.startsWith("#at-") && document.getElementById(location.hash.slice(1));
// The browser goes to the line after this has run, and would take the focus from it.
if (line) addEventListener("load", () => requestAnimationFrame(() => first(line)?.focus({ preventScroll: true })));
addEventListener("keydown", (e) => {
  const close = document.querySelector(".drawer .close");
  if (e.key === "Escape" && close && !palette?.open && !typing(e.target)) location.assign(close.href + location.hash);
});

// The palette: every page, and whatever is typed as a search.
const palette = document.querySelector("[data-palette]");
const text = document.getElementById("palette-text");
const options = document.getElementById("palette-list");
const places = all(".rail a, .top a.who, .tabs a, .acts a, [data-places] a").map((link) => ({ words: link.textContent.trim(), to: link.href }));
let chosen = 0;
const matching = () => {
  const wanted = text.value.trim().toLowerCase();
  const found = places.filter((one) => one.words.toLowerCase().includes(wanted));
  const look = wanted ? [{ words: `${document.querySelector("label[for=q]").textContent}: ${text.value.trim()}`, to: `/desk/find?q=${encodeURIComponent(text.value.trim())}` }] : [];
  const name = /\p{L}{2}/u.test(wanted) && !/[\d@:/]/.test(wanted) ? [{ words: `${person.dataset.person}: ${text.value.trim()}`, name: text.value.trim() }] : [];
  return [...look, ...name, ...found].slice(0, 12);
};
// A name stands in no address: it goes as a form.
const go = (one) => {
  if (!one.name) return location.assign(one.to);
  person.elements.name.value = one.name;
  person.requestSubmit();
};
const draw = () => {
  const found = matching();
  chosen = Math.max(0, Math.min(chosen, found.length - 1));
  options.replaceChildren(...found.map((one, at) => {
    const item = document.createElement("li");
    item.role = "option";
    item.id = `palette-${at}`;
    item.ariaSelected = String(at === chosen);
    item.textContent = one.words;
    item.addEventListener("click", () => go(one));
    return item;
  }));
  text.setAttribute("aria-activedescendant", found.length ? `palette-${chosen}` : "");
};
const open = () => {
  palette.showModal();
  text.value = "";
  chosen = 0;
  draw();
};
text?.addEventListener("input", () => { chosen = 0; draw(); });
text?.addEventListener("keydown", (e) => {
  if (e.key === "ArrowDown" || e.key === "ArrowUp") {
    e.preventDefault();
    chosen += e.key === "ArrowDown" ? 1 : -1;
    draw();
  } else if (e.key === "Enter") {
    e.preventDefault();
    const to = matching()[chosen];
    if (to) go(to);
  }
});

addEventListener("keydown", (e) => {
  if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "k") {
    e.preventDefault();
    if (palette.open) palette.close(); else open();
    return;
  }
  if (e.ctrlKey || e.metaKey || e.altKey || palette?.open || typing(e.target)) return;
  const by = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, Home: -1e9, End: 1e9 }[e.key];
  const inRow = document.activeElement.closest("[data-row]");
  if (by && (e.key.length === 1 || inRow) && step(by)) e.preventDefault();
  if (e.key === "/") {
    e.preventDefault();
    q.focus();
    q.select();
  }
});

// News: whoever looks is told, and decides when the page changes under them.
const live = document.querySelector("[data-live]");
if (live && window.EventSource) {
  let told;
  let source;
  const listen = () => {
    source = new EventSource(live.dataset.live);
    source.addEventListener("state", (e) => {
      if (told !== undefined && told !== e.data) live.hidden = false;
      told = e.data;
    });
  };
  listen();
  // A page in the background holds no connection.
  document.addEventListener("visibilitychange", () => {
    source.close();
    if (!document.hidden) listen();
  });
  live.querySelector("[data-again]").addEventListener("click", () => location.reload());
}

for (const button of all("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
for (const box of all("[data-all]")) {
  box.hidden = false;
  box.addEventListener("click", () => {
    const boxes = all(`input[type=checkbox][name="${box.dataset.all}"]`);
    const on = boxes.some((one) => !one.checked);
    boxes.forEach((one) => { one.checked = on; });
  });
}

// Not everything that fills in a form for somebody tells of input.
const filled = (form, then) => {
  for (const happens of ["input", "change"]) form.addEventListener(happens, then);
};

// What is written is checked as it is typed: the form goes to an address that keeps nothing, and what comes back takes the place of
// the checklist. What was typed and not saved is not left by mistake.
for (const form of all("form[data-check]")) {
  let waits;
  let last;
  const look = async () => {
    const mine = (last = new AbortController());
    try {
      const reply = await fetch(form.dataset.check, { method: "POST", body: new URLSearchParams(new FormData(form)), signal: mine.signal });
      if (!reply.ok) return;
      const fresh = new DOMParser().parseFromString(await reply.text(), "text/html").querySelector("[data-checked]");
      const shown = document.querySelector("[data-checked]");
      if (!fresh || !shown || mine !== last) return;
      const open = all("details", shown).map((one) => one.open);
      shown.querySelector("[data-said]").textContent = fresh.querySelector("[data-said]").textContent;
      shown.querySelector("[data-checked-body]").replaceWith(fresh.querySelector("[data-checked-body]"));
      all("details", shown).forEach((one, at) => { one.open = open[at] ?? one.open; });
    } catch {
      // Whoever saves is told.
    }
  };
  filled(form, () => {
    last?.abort();
    clearTimeout(waits);
    waits = setTimeout(look, 400);
  });
}
for (const form of all("form[data-keeps]")) {
  let changed = false;
  filled(form, () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  addEventListener("beforeunload", (e) => { if (changed) e.preventDefault(); });
}

// A link into what is folded opens it.
const unfold = () => {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (target && target.tagName === "DETAILS") target.open = true;
};
addEventListener("hashchange", unfold);
unfold();
