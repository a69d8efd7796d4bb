// Keeps a page as it is now: fetches it again and puts its new content in place, unless somebody types in it.
"use strict";

const EVERY = 5000;

function isTyping(main) {
  const one = document.activeElement;
  return main.contains(one) && one.matches("input:not([type=hidden]), textarea, select");
}

function replace(main, fresh) {
  if (fresh.innerHTML === main.innerHTML) return;
  const focused = main.contains(document.activeElement) ? document.activeElement.id : "";
  main.replaceChildren(...fresh.childNodes);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

async function look(main) {
  if (document.hidden || isTyping(main)) return;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (answer.redirected) return location.reload();
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main[data-live]");
  if (fresh) replace(main, fresh);
}

async function keepLooking(main) {
  const unreached = document.getElementById("unreached");
  for (;;) {
    await new Promise((done) => setTimeout(done, EVERY));
    try {
      await look(main);
      unreached.hidden = true;
    } catch {
      unreached.hidden = false;
    }
  }
}

const live = document.querySelector("main[data-live]");
if (live) keepLooking(live);
