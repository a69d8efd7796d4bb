// Keeps each part of the page that is marked as `data-live` as it is now, unless somebody is at work in it: fetches the
// page every so many seconds and puts the part's new content in place.
"use strict";

const shown = new Map();

function inLocalTime(root) {
  for (const time of root.querySelectorAll("time.local")) {
    time.textContent = new Date(time.dateTime).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  }
}

function isChanged(field) {
  if (field.tagName === "SELECT") return [...field.options].some((one) => one.selected !== one.defaultSelected);
  return field.value !== field.defaultValue;
}

function isAtWork(part) {
  const one = document.activeElement;
  return (
    (part.contains(one) && one.matches("input, textarea, select")) ||
    (String(getSelection()) !== "" && getSelection().containsNode(part, true)) ||
    [...part.querySelectorAll("input, textarea, select")].some(isChanged)
  );
}

function renew(part, fresh) {
  if (!fresh || shown.get(part.id) === fresh.innerHTML || isAtWork(part)) return;
  shown.set(part.id, fresh.innerHTML);
  inLocalTime(fresh);
  const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
  part.replaceChildren(...fresh.childNodes);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

async function look(parts) {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-store" });
  if (answer.redirected) return location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of parts) renew(part, page.querySelector(`#${part.id}[data-live]`));
}

// One after the other: a daemon that is slow to answer must not fill up the browser's few connections to it.
async function keepLooking(parts) {
  const unreached = document.getElementById("unreached");
  for (;;) {
    await new Promise((done) => setTimeout(done, parts[0].dataset.live * 1000));
    try {
      await look(parts);
      unreached.hidden = true;
    } catch {
      unreached.hidden = false;
    }
  }
}

const live = [...document.querySelectorAll("[data-live]")];
for (const part of live) shown.set(part.id, part.innerHTML);
inLocalTime(document);
if (live.length) keepLooking(live);
