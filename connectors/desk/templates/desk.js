// Each part of the page that is marked as `data-fresh` shows what is new by itself, unless somebody is at work in it.
"use strict";

const shown = new Map();

function inLocalTime(root) {
  for (const time of root.querySelectorAll("time")) {
    time.textContent = new Date(time.dateTime).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  }
}

function isChanged(field) {
  if (field.tagName === "SELECT") return [...field.options].some((one) => one.selected !== one.defaultSelected);
  return field.value !== field.defaultValue;
}

function isAtWork(part) {
  return (
    part.contains(document.activeElement) ||
    part.querySelector("details[open]") !== null ||
    (String(getSelection()) !== "" && getSelection().containsNode(part, true)) ||
    [...part.querySelectorAll("input, select, textarea")].some(isChanged)
  );
}

function renew(part, fresh) {
  if (shown.get(part.dataset.fresh) === fresh.innerHTML || isAtWork(part)) return;
  shown.set(part.dataset.fresh, fresh.innerHTML);
  inLocalTime(fresh);
  part.replaceChildren(...fresh.childNodes);
}

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const fresh of page.querySelectorAll("[data-fresh]")) {
    renew(document.querySelector(`[data-fresh="${fresh.dataset.fresh}"]`), fresh);
  }
}

// One after the other: a desk that is slow to answer must not fill up the browser's few connections to it.
async function keepFresh() {
  for (;;) {
    await new Promise((done) => setTimeout(done, 500));
    await refresh().catch(() => {});
  }
}

for (const part of document.querySelectorAll("[data-fresh]")) shown.set(part.dataset.fresh, part.innerHTML);
inLocalTime(document);
keepFresh();
