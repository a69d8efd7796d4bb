// The visitor's side of the demo: what the chat holds, what the visitor says, and the troubles.
"use strict";

const EVERY = 400;
const TOLD = {
  helpdesk: "The helpdesk is away: what Ann says waits, in order, and is there when it is back.",
  chat: "The chat refuses every call: replies wait, in order, and notes stay where they are.",
  kill: "syncd was killed in the middle of whatever it did. It is back in three seconds and goes on where it was.",
};

const list = document.getElementById("messages");
const told = document.getElementById("told");
const buttons = [...document.querySelectorAll("button[data-trouble]")];

function bubble(message) {
  const item = document.createElement("li");
  item.className = message.who ? "agent" : "visitor";
  item.dataset.id = message.id;
  if (message.who) {
    const name = document.createElement("b");
    name.textContent = message.who;
    item.append(name);
  }
  const words = document.createElement("span");
  words.textContent = message.text;
  item.append(words);
  return item;
}

function draw(state) {
  const shown = JSON.stringify(state.messages);
  if (list.dataset.shown !== shown) {
    list.replaceChildren(...state.messages.map(bubble));
    list.dataset.shown = shown;
    list.scrollTop = list.scrollHeight;
    document.getElementById("empty").hidden = state.messages.length > 0;
  }
  for (const button of buttons) button.setAttribute("aria-pressed", String(state.troubles[button.dataset.trouble]));
  const words = Object.keys(TOLD).filter((one) => state.troubles[one]).map((one) => TOLD[one]).join(" ");
  if (told.textContent !== words) told.textContent = words;
}

async function ask(path, fields) {
  const answer = await fetch(path, fields && { method: "POST", body: new URLSearchParams(fields) });
  if (answer.ok) draw(await answer.json());
}

document.getElementById("say").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = event.target.elements.text;
  const text = field.value;
  field.value = "";
  await ask("/demo/says", { text });
});

for (const button of buttons) button.addEventListener("click", () => ask("/demo/turn", { trouble: button.dataset.trouble }));

async function keepAsking() {
  for (;;) {
    await ask("/demo/state").catch(() => {});
    await new Promise((done) => setTimeout(done, EVERY));
  }
}

keepAsking();
