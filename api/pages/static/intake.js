// Several files dropped at once, each sent by itself with its progress. The form works without any of this.

import { guess } from "./guess.js";

const form = document.querySelector("form.intake-form");
const drop = document.querySelector("#intake-drop");
const many = document.querySelector("#intake-many");
const tray = document.querySelector("#intake-tray");
const said = document.querySelector("#intake-said");
const words = JSON.parse(drop.dataset.words);
const inputs = [...form.querySelectorAll("input[type=file][data-whose]")];
const places = inputs.map((input) => ({
  field: input.name,
  whose: input.dataset.whose,
  kind: input.dataset.kind,
  titles: JSON.parse(input.dataset.titles),
  isList: input.name.startsWith("file-submission-"),
  isMissing: "missing" in input.dataset,
}));
const items = new Set();
let isSending = false;

const say = (key, parts = {}) =>
  Object.entries(parts).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), words[key]);
const tell = (key, parts) => {
  said.textContent = say(key, parts);
};

function made(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// One file of the tray: where it goes, how far it came, what can be done about it.
class Item {
  constructor(file, fits, isCertain) {
    this.file = file;
    this.key = newKey();
    this.state = "waiting";
    this.select = this.choice(fits, isCertain);
    this.words = made("p", { className: "row-meta mb-0" });
    this.progress = made("progress", { max: 1, value: 0, hidden: true, ariaLabel: file.name });
    this.again = this.button("again", () => send([this]));
    this.leave = this.button("leave", () => this.remove());
    this.again.hidden = true;
    const head = made("p", { className: "mb-1 text-break" }, made("strong", { textContent: file.name }));
    this.row = made("li", {}, head, this.select, this.words, this.progress, this.again, this.leave);
    if (!isCertain) this.words.textContent = say(fits.length > 1 ? "which" : "nowhere");
    if (file.size > Number(drop.dataset.mostBytes)) this.fail("too_large", false);
    tray.append(this.row);
    items.add(this);
  }

  choice(fits, isCertain) {
    const select = made("select", { className: "form-select", ariaLabel: say("place_of", { file: this.file.name }) });
    const rest = places.filter((place) => !fits.includes(place));
    select.append(new Option(say("choose"), ""));
    for (const place of [...fits, ...rest]) select.append(new Option(`${place.whose}: ${place.kind}`, place.field));
    if (isCertain) select.value = fits[0].field;
    select.addEventListener("change", () => {
      if (this.state === "waiting") this.words.textContent = "";
    });
    return select;
  }

  button(key, press) {
    const hidden = made("span", { className: "visually-hidden", textContent: ` ${this.file.name}` });
    const button = made("button", { type: "button", className: "btn btn-sm btn-outline-primary me-2 mt-1" }, say(key), hidden);
    button.addEventListener("click", press);
    return button;
  }

  remove() {
    items.delete(this);
    this.row.remove();
    many.focus();
  }

  fail(key, isWorthAgain, why = "") {
    this.state = isWorthAgain ? "failed" : "refused";
    this.words.textContent = why || say(key);
    this.words.className = "missing mb-0";
    this.progress.hidden = true;
    this.again.hidden = !isWorthAgain;
    this.leave.hidden = false;
  }

  take() {
    this.state = "taken";
    this.words.textContent = say("item_taken");
    this.words.className = "there mb-0";
    this.progress.hidden = true;
    this.again.hidden = this.leave.hidden = true;
    this.select.disabled = true;
    const input = inputs.find((one) => one.name === this.select.value);
    // A paper of a list is there for each of its names.
    for (const cell of [input.closest("td"), ...form.querySelectorAll(`td[data-at="${input.name}"]`)]) {
      const mark = cell.querySelector(".missing");
      if (!mark) continue;
      mark.className = "there";
      mark.textContent = `✓ ${say("there")}`;
    }
    const left = form.querySelectorAll(".intake td:not([data-at]) .missing").length;
    document.querySelector("#intake-missing").textContent = left ? say("left", { count: left }) : say("complete");
    if (!left) document.querySelector("#intake-how").textContent = say("full");
  }

  // The key stays when it is tried again: what arrived though its answer was lost is answered, not done twice.
  send() {
    const body = new FormData();
    body.append("csrf_token", form.elements.csrf_token.value);
    body.append("key", this.key);
    body.append("confirms_not_secret", "true");
    body.append(this.select.value, this.file);
    this.state = "sending";
    this.progress.hidden = false;
    this.again.hidden = this.leave.hidden = true;
    this.select.disabled = true;
    return new Promise((settle) => {
      const request = new XMLHttpRequest();
      request.open("POST", form.action || location.href);
      request.setRequestHeader("Accept", "application/json");
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) this.progress.value = event.loaded / event.total;
      });
      request.addEventListener("load", () => settle(this.answered(request)));
      for (const lost of ["error", "timeout", "abort"]) {
        request.addEventListener(lost, () => settle(this.fail("lost", true)));
      }
      request.send(body);
    });
  }

  answered(request) {
    const answer = readAnswer(request);
    if (answer?.taken) return this.take();
    if (answer) {
      // Another file is another request: what was refused for good wants one.
      this.key = newKey();
      this.select.disabled = false;
      return this.fail("refused", true, answer.why);
    }
    if (request.status >= 500) return this.fail("broken", true);
    return this.fail(request.status === 413 ? "too_large" : "expired", false);
  }
}

function readAnswer(request) {
  if (!request.getResponseHeader("Content-Type")?.startsWith("application/json")) return null;
  try {
    return JSON.parse(request.responseText);
  } catch {
    return null;
  }
}

function add(files, field = "") {
  for (const file of files) {
    const here = places.filter((place) => place.field === field);
    const found = here.length ? { fits: here, isCertain: true } : guess(file.name, places);
    new Item(file, found.fits, found.isCertain);
  }
  const open = [...items].filter((item) => item.state === "waiting" && !item.select.value).length;
  tell(open ? "added_open" : "added", { count: items.size, open });
}

async function send(chosen) {
  if (isSending) return;
  isSending = true;
  let number = 0;
  for (const item of chosen) {
    number += 1;
    tell("sending", { number, count: chosen.length, file: item.file.name });
    await item.send();
  }
  isSending = false;
  const failed = chosen.filter((item) => item.state !== "taken");
  tell(failed.length ? "some_failed" : "all_taken", {
    count: chosen.length - failed.length,
    failed: failed.length,
  });
  failed.find((item) => !item.again.hidden)?.again.focus();
}

function gather() {
  for (const input of inputs) {
    if (input.files.length) add([...input.files], input.name);
    input.value = "";
  }
}

form.addEventListener("submit", async (event) => {
  if (!items.size) return;
  event.preventDefault();
  gather();
  const waiting = [...items].filter((item) => item.state === "waiting");
  const open = waiting.filter((item) => !item.select.value);
  if (open.length) {
    tell("answer_first", { open: open.length });
    open[0].select.focus();
    return;
  }
  if (waiting.length) await send(waiting);
  // One file for several names is the form's own: it goes as the form goes, once the others are taken.
  const failed = [...items].filter((item) => item.state !== "taken");
  if (!form.elements.shared.files.length || isSending) return;
  if (failed.length) tell("some_failed", { count: items.size - failed.length, failed: failed.length });
  else form.submit();
});

many.addEventListener("change", () => {
  add([...many.files]);
  many.value = "";
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.toggle("is-over", kind === "dragover");
    if (kind === "drop") {
      const input = event.target.closest?.("td")?.querySelector("input[data-whose]");
      add([...event.dataTransfer.files], input?.name);
    }
  });
}
addEventListener("offline", () => tell("offline"));
addEventListener("online", () => tell("online"));
addEventListener("beforeunload", (event) => {
  if (isSending) event.preventDefault();
});
drop.hidden = false;
