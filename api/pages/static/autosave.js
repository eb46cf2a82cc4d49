// The words of a draft saved while they are typed. The form works without any of this.

const form = document.querySelector("form[data-autosave]");
const said = document.querySelector("#autosave-said");
const lacks = document.querySelector("#autosave-lacks");
const words = JSON.parse(form.dataset.words);
const fields = [...form.querySelectorAll("textarea[name], input[type=text][name]")];
const { pause, apart } = JSON.parse(form.dataset.autosave);
const typed = () => JSON.stringify(fields.map((field) => field.value));
let saved = typed();
let lastSent = 0;
let timer = 0;
let underWay = null;
// What ends it: somebody else's words, a session that is over, a draft that is none any more. The text stays.
let isOver = false;
let isLeaving = false;
// What the server refused as it is: it is not sent again until something else is typed.
let refused = "";

const tell = (text) => {
  said.textContent = text;
};

function showErrors(errors) {
  for (const field of fields) {
    const id = `${field.id}-error`;
    const why = errors[field.name] ?? "";
    let place = document.getElementById(id);
    if (!place && why) {
      place = Object.assign(document.createElement("div"), { id, className: "invalid-feedback d-block" });
      field.after(place);
    }
    if (place) place.textContent = why;
    field.classList.toggle("is-invalid", Boolean(why));
    field.setAttribute("aria-invalid", String(Boolean(why)));
    const tied = new Set((field.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
    if (why) tied.add(id);
    else tied.delete(id);
    field.setAttribute("aria-describedby", [...tied].join(" "));
  }
}

function showLacks(missing) {
  lacks.replaceChildren(...missing.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  lacks.hidden = !missing.length;
}

async function readAnswer(response) {
  if (!response.headers.get("Content-Type")?.startsWith("application/json")) return null;
  try {
    return await response.json();
  } catch {
    return null;
  }
}

function heard(answer, status, sent) {
  if (!answer) {
    if (status >= 500) return tell(words.broken);
    isOver = true;
    return tell(words.expired);
  }
  showErrors(answer.errors);
  tell(answer.said);
  if (answer.saved) {
    saved = sent;
    form.elements.version.value = answer.version;
    showLacks(answer.missing);
  } else if (answer.over) isOver = true;
  else refused = sent;
}

async function send() {
  const sent = typed();
  lastSent = Date.now();
  tell(words.saving);
  let response;
  try {
    response = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "application/json" },
    });
  } catch {
    return tell(words.lost);
  }
  heard(await readAnswer(response), response.status, sent);
}

function save() {
  clearTimeout(timer);
  if (isOver || typed() === saved || typed() === refused) return underWay ?? Promise.resolve();
  underWay ??= send().finally(() => {
    underWay = null;
    if (typed() !== saved) soon();
  });
  return underWay;
}

// A pause in typing saves, but not more often than so: each time is an entry of the nomination's history.
function soon() {
  clearTimeout(timer);
  if (isOver) return;
  timer = setTimeout(save, Math.max(pause, lastSent + apart - Date.now()));
}

form.addEventListener("input", soon);
addEventListener("online", save);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") save();
});
// What is under way has to end before the form goes, or its own older version would stand against it.
form.addEventListener("submit", (event) => {
  clearTimeout(timer);
  isOver = isLeaving = true;
  if (!underWay) return;
  event.preventDefault();
  underWay.finally(() => form.submit());
});
addEventListener("beforeunload", (event) => {
  if (!isLeaving && typed() !== saved) event.preventDefault();
});
document.querySelector("#autosave").hidden = false;
