"use strict";
// The page is whole without this script; it adds the filter, the orders and the keys. What is chosen stands
// in the address (#label=shark&sort=score), so that a view can be kept as a bookmark.
(() => {
  const list = document.querySelector(".images");
  const form = document.querySelector("form");
  const { label, where, sort } = form.elements;
  const shown = document.getElementById("shown");
  // "Crème" is found by "creme".
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const images = Array.from(list.children, (element, position) => {
    const labels = Array.from(element.querySelectorAll(".label"), (node) => fold(node.textContent));
    return {
      element, position, labels,
      name: element.querySelector(".name").textContent,
      score: labels.length ? Number(element.dataset.score) : -Infinity,
    };
  });
  for (const image of images) image.foldedName = fold(image.name);
  const byName = new Intl.Collator(undefined, { numeric: true });

  const matches = {
    best: (image, text) => image.labels.length > 0 && image.labels[0].includes(text),
    any: (image, text) => image.labels.some((each) => each.includes(text)),
    name: (image, text) => image.foldedName.includes(text),
  };
  const orders = {
    input: (a, b) => a.position - b.position,
    score: (a, b) => b.score - a.score || a.position - b.position,
    unsure: (a, b) => a.score - b.score || a.position - b.position,
    name: (a, b) => byName.compare(a.name, b.name) || a.position - b.position,
  };

  function filter() {
    const text = fold(label.value.trim());
    const matchesText = matches[where.value];
    let count = 0;
    for (const image of images) {
      image.element.hidden = text !== "" && !matchesText(image, text);
      if (!image.element.hidden) count += 1;
    }
    shown.textContent = count === images.length ? `${count} images` : `${count} of ${images.length} images`;
  }

  let arrangedBy = "input";
  function arrange() {
    if (sort.value === arrangedBy) return;
    arrangedBy = sort.value;
    for (const image of images.slice().sort(orders[sort.value])) list.append(image.element);
  }

  function keepState() {
    const state = new URLSearchParams();
    if (label.value !== "") state.set("label", label.value);
    if (where.value !== "best") state.set("where", where.value);
    if (sort.value !== "input") state.set("sort", sort.value);
    const address = state.toString();
    // A page that was opened from a file may not always touch its history.
    try { history.replaceState(null, "", address === "" ? location.pathname : `#${address}`); } catch (ignored) { }
  }

  function readState() {
    const state = new URLSearchParams(location.hash.slice(1));
    label.value = state.get("label") ?? "";
    where.value = state.get("where") in matches ? state.get("where") : "best";
    sort.value = state.get("sort") in orders ? state.get("sort") : "input";
    arrange();
    filter();
  }

  // The labels that came first, the most frequent on top.
  const counts = new Map();
  for (const { element } of images) {
    const best = element.querySelector(".label");
    if (best) counts.set(best.textContent, (counts.get(best.textContent) ?? 0) + 1);
  }
  const suggestions = Array.from(counts).sort((a, b) => b[1] - a[1]).map(([text, count]) => {
    const option = document.createElement("option");
    option.value = text;
    option.label = `${text} (${count})`;
    return option;
  });
  document.getElementById("labels").append(...suggestions.slice(0, 1000));

  function move(step) {
    const visible = Array.from(list.children).filter((element) => !element.hidden);
    const current = visible.indexOf(document.activeElement.closest(".image"));
    const next = visible[current < 0 ? (step > 0 ? 0 : visible.length - 1) : current + step];
    if (next) next.focus();
  }

  label.addEventListener("input", () => { filter(); keepState(); });
  where.addEventListener("change", () => { filter(); keepState(); });
  sort.addEventListener("change", () => { arrange(); keepState(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { arrange(); filter(); keepState(); }));
  window.addEventListener("hashchange", readState);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target.matches("input, select");
    if (event.key === "/" && !isTyping) { label.focus(); label.select(); } else if (event.key === "Escape" && event.target === label) {
      label.value = "";
      filter();
      keepState();
      label.blur();
    } else if ((event.key === "j" || event.key === "ArrowRight") && !isTyping) { move(1); } else if ((event.key === "k" || event.key === "ArrowLeft") && !isTyping) { move(-1); } else if (event.key === "Enter" && event.target.matches(".image")) {
      event.target.querySelector("a")?.click();
    } else { return; }
    event.preventDefault();
  });
  for (const { element } of images) element.tabIndex = 0;
  form.classList.add("ready");
  readState();
  const errors = document.querySelectorAll(".errors li").length;
  if (errors > 0) {
    const link = document.createElement("a");
    link.href = "#errors";
    link.textContent = errors === 1 ? "1 error" : `${errors} errors`;
    link.addEventListener("click", (event) => {
      event.preventDefault();  // the address holds the filter
      const section = document.getElementById("errors");
      section.scrollIntoView();
      section.focus();
    });
    document.getElementById("about").append(link);
  }
})();
