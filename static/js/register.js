/* The register, made quicker: live counts, search, keys, undo, and marks that survive a dead line or a closed browser.
   Each tap is kept on the device at once and sent on Save, or by itself when the network returns. */
const form = document.getElementById("register");
const store = window.hunarStore;
const people = [...form.querySelectorAll(".hn-person")];
const words = Object.fromEntries(["present", "late", "excused", "absent", ""].map((name, n) => [name, form.dataset.words.split("|")[n]]));
const waiting = new Map(); /* enrolment -> the mark that waits */
const undone = []; /* steps back, each a list of [person, status, minutes] */
const session = Number(form.dataset.session);
const length = Number(form.dataset.minutes);
let version = Number(form.elements.version.value);

const status = (person) => person.querySelector("input[type=radio]:checked")?.value ?? "";
const latin = (text) => text.replace(/[٠-٩۰-۹]/g, (digit) => digit.charCodeAt(0) & 15);
const lateBy = (person) => latin(person.querySelector(".hn-late").value.trim());
const isLateness = (minutes) => /^\d{1,4}$/.test(minutes) && Number(minutes) <= length;
const idOf = (person) => Number(person.dataset.enrolment);
const personOf = (enrolment) => people.find((each) => idOf(each) === enrolment);
const shown = (person) => person.querySelector("input[type=hidden]");

function show(person, name, minutes = "") {
  person.querySelector(`input[type=radio][value="${name}"]`).checked = true;
  person.querySelector(".hn-late").value = name === "late" ? minutes : "";
  person.dataset.now = JSON.stringify([name, minutes]);
}

function say(selector, text, where = "strong") {
  const notes = ["[data-note-good]", "[data-offline]", "[data-refused]"];
  for (const each of notes) form.querySelector(each).hidden = each !== selector;
  if (selector) form.querySelector(`${selector} ${where}`).textContent = text;
}

function count() {
  const counts = { present: 0, late: 0, excused: 0, absent: 0, "": 0 };
  for (const person of people) {
    counts[status(person)] += 1;
    const mark = waiting.get(idOf(person));
    person.querySelector("[data-wait]").hidden = !mark;
    showClash(person, mark?.clash, mark?.status ?? "");
  }
  for (const [name, number] of Object.entries(counts)) document.querySelector(`[data-count="${name}"]`).textContent = number;
  form.querySelector("progress").value = people.length - counts[""];
  form.querySelector("[data-marked]").textContent = people.length - counts[""];
  form.querySelector("[data-unsent]").hidden = !waiting.size;
  form.querySelector("[data-unsent-count]").textContent = waiting.size;
  form.querySelector("[data-undo]").disabled = !undone.length;
}

function showClash(person, clash) {
  const note = person.querySelector("[data-clash]");
  note.hidden = !clash;
  if (clash) note.querySelector("span").textContent = form.dataset.theirs.replace("MARK", words[clash.stands ?? ""]);
}

/* A lateness that cannot be is told and not kept; the browser sends no form with it. */
function takesLateness(person, minutes) {
  const field = person.querySelector(".hn-late");
  field.setCustomValidity(!minutes || isLateness(minutes) ? "" : form.dataset.lateness);
  return field.reportValidity();
}

/* Keep what a person now shows as a mark that waits, or let it go where it equals what is saved. */
async function keep(persons, base = version) {
  const marks = [];
  for (const person of persons) {
    const [name, minutes] = [status(person), status(person) === "late" ? lateBy(person) : ""];
    const old = waiting.get(idOf(person));
    person.dataset.now = JSON.stringify([name, minutes]);
    if (!takesLateness(person, minutes)) continue;
    waiting.delete(idOf(person));
    if (shown(person).value === `${name} ${minutes}`.trim() && !old?.clash) {
      if (old) await store.drop([old.key]);
      continue;
    }
    const attended = isLateness(minutes) ? length - Number(minutes) : null;
    const mark = { key: store.newKey(), user: form.dataset.user, session, api: form.dataset.api, enrolment: idOf(person), status: name || null, minutes: attended, typed: minutes, at: new Date().toISOString(), version: base };
    waiting.set(idOf(person), mark);
    marks.push(mark);
  }
  await store.put(marks);
  count();
}

function change(persons, name, minutes = "") {
  undone.push(persons.map((person) => [person, ...JSON.parse(person.dataset.now)]));
  for (const person of persons) show(person, name, minutes);
  return keep(persons);
}

function undo() {
  const step = undone.pop();
  if (!step) return;
  for (const [person, name, minutes] of step) show(person, name, minutes);
  keep(step.map(([person]) => person));
  step[0][0].querySelector("input[type=radio]:checked").focus();
}

/* What the server holds now: rows without a waiting mark follow it, so two people see each other's marks. */
function follow(body) {
  version = body.version;
  form.elements.version.value = body.version;
  const marks = new Map(body.marks.map((mark) => [mark.enrolment, mark]));
  for (const { enrolment, to_date: rate } of body.enrolments) {
    const person = personOf(enrolment);
    if (!person) continue;
    const mark = marks.get(enrolment);
    const minutes = mark?.status === "late" ? String(length - mark.minutes) : "";
    shown(person).value = `${mark?.status ?? ""} ${minutes}`.trim();
    if (!waiting.has(enrolment)) show(person, mark?.status ?? "", minutes);
    if (rate !== null && person.querySelector("[data-rate] bdi")) person.querySelector("[data-rate] bdi").textContent = `${Math.floor(rate)} %`;
  }
}

async function read() {
  const answer = await fetch(form.dataset.api, { headers: { Accept: "application/json" } });
  if (answer.ok) follow(await answer.json());
}

async function recall() {
  waiting.clear();
  for (const mark of await store.all(form.dataset.user)) {
    if (mark.session !== session || !personOf(mark.enrolment)) continue;
    waiting.set(mark.enrolment, mark);
    show(personOf(mark.enrolment), mark.status ?? "", mark.typed ?? "");
  }
  count();
}

async function save() {
  const marks = [...waiting.values()].filter((mark) => !mark.clash);
  if (!marks.length) return;
  const button = form.querySelector(".hn-btn-main");
  button.disabled = true;
  try {
    const { status: code, said } = await store.send(form.dataset.api, marks, form.elements.reason?.value.trim());
    await recall();
    if (code === 200) {
      follow(said);
      say("[data-note-good]", form.dataset.said.replace("TIME", new Date().toTimeString().slice(0, 5)).replace("N", marks.length));
      store.keep([location.pathname]).catch(() => {});
    } else if (code === 401 || (code === 403 && said.code === "not_authenticated")) say("[data-refused]", form.dataset.unread);
    else {
      say("[data-refused]", said.detail);
      if (said.code === "stale_version") await read();
    }
  } catch {
    say("[data-offline]", form.dataset.kept.replace("N", marks.length), "p");
  }
  button.disabled = false;
  count();
}

form.addEventListener("change", (event) => {
  const person = event.target.closest(".hn-person");
  if (!person) return;
  undone.push([[person, ...JSON.parse(person.dataset.now)]]);
  keep([person]);
});
/* A second tap on a mark takes it away; only a change of the choice is told to us by itself. */
form.addEventListener("click", (event) => {
  const choice = event.target.closest("input[type=radio]");
  const person = choice?.closest(".hn-person");
  if (person && choice.value && JSON.parse(person.dataset.now)[0] === choice.value) change([person], "");
});
form.addEventListener("click", (event) => {
  const button = event.target.closest("button[type=button], [data-fill]");
  const person = button?.closest(".hn-person");
  if (button?.dataset.fill) {
    event.preventDefault();
    const rest = people.filter((each) => !status(each));
    if (rest.length) change(rest, button.dataset.fill);
  } else if (button && "undo" in button.dataset) undo();
  else if (button && person) {
    const { clash } = waiting.get(idOf(person));
    if ("mine" in button.dataset) keep([person], clash.version);
    else {
      store.drop([waiting.get(idOf(person)).key]);
      waiting.delete(idOf(person));
      show(person, ...shown(person).value.split(" "));
      count();
    }
  }
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});

/* Keys: arrows up and down move between people, letters mark and go on to the next: ours, and those that are shown. */
const letters = { p: "present", l: "late", e: "excused", a: "absent", u: "" };
for (const choice of people[0]?.querySelectorAll("input[type=radio]") ?? []) {
  letters[choice.parentElement.querySelector("[aria-hidden]").textContent.trim().toLowerCase()] = choice.value;
}
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input[type=text], input[type=search], select, textarea, input:not([type])");
  const visible = people.filter((each) => !each.hidden);
  const here = visible.indexOf(event.target.closest?.(".hn-person"));
  const go = (n) => visible[Math.max(0, Math.min(visible.length - 1, n))]?.querySelector("input[type=radio]:checked").focus();
  const key = event.key.toLowerCase();
  if (event.key === "ArrowDown" || event.key === "ArrowUp" || (typing && key === "enter" && here >= 0)) {
    event.preventDefault();
    go(event.key === "ArrowUp" ? here - 1 : here + 1);
  } else if (typing) return;
  else if (key === "z") undo();
  else if (here >= 0 && key in letters) {
    event.preventDefault();
    change([visible[here]], letters[key]);
    if (letters[key] === "late") visible[here].querySelector(".hn-late").focus();
    else go(here + 1);
  }
});

const find = document.getElementById("find");
find.addEventListener("input", () => {
  const wanted = find.value.trim().toLowerCase();
  for (const person of people) person.hidden = !person.dataset.find.includes(wanted);
});
for (const hidden of [find, form.querySelector("[data-undo]"), form.querySelector("[data-keys]"), form.querySelector("[data-touch]")]) hidden.hidden = false;
for (const person of people) person.dataset.now = JSON.stringify([status(person), lateBy(person)]);
window.addEventListener("online", save);
recall().then(async () => {
  if (navigator.onLine && waiting.size) await save();
  if (navigator.onLine) store.keep([location.pathname]).catch(() => {});
});
