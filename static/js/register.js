/* The register, made quicker: live counts, search, filling the rest, saving in place. Everything works without it. */
function openRegister() {
  const form = document.getElementById("register");
  if (!form) return;
  const people = [...form.querySelectorAll(".hn-person")];
  const status = (person) => person.querySelector("input[type=radio]:checked")?.value ?? "";
  let unsaved = false;

  function count() {
    const counts = { present: 0, late: 0, excused: 0, absent: 0, "": 0 };
    for (const person of people) counts[status(person)] += 1;
    for (const [name, number] of Object.entries(counts)) {
      document.querySelector(`[data-count="${name}"]`).textContent = number;
    }
    const marked = people.length - counts[""];
    form.querySelector("progress").value = marked;
    form.querySelector("[data-marked]").textContent = marked;
    form.querySelector("[data-unsaved]").hidden = !unsaved;
  }

  form.addEventListener("change", (event) => {
    if (event.target.type !== "radio") return;
    unsaved = true;
    count();
  });
  for (const button of form.querySelectorAll("[data-fill]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      for (const person of people) {
        if (!status(person)) person.querySelector(`input[value=${button.dataset.fill}]`).checked = true;
      }
      unsaved = true;
      count();
    });
  }
  const find = document.getElementById("find");
  find.hidden = false;
  find.addEventListener("input", () => {
    const wanted = find.value.trim().toLowerCase();
    for (const person of people) person.hidden = !person.dataset.find.includes(wanted);
  });
  form.addEventListener("keydown", (event) => {
    const keys = { p: "present", l: "late", e: "excused", a: "absent" };
    const person = event.target.closest?.(".hn-person");
    const choice = keys[event.key.toLowerCase()];
    if (!person || !choice || event.target.type !== "radio" || event.ctrlKey || event.metaKey) return;
    person.querySelector(`input[value=${choice}]`).checked = true;
    unsaved = true;
    count();
  });
  /* Save in place: a line that fails leaves every mark on the page. */
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const note = form.querySelector("[data-offline]");
    const save = form.querySelector(".hn-btn-main");
    save.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
      if (answer.status >= 500) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!page.getElementById("register")) {
        window.location.reload();
        return;
      }
      unsaved = false;
      document.getElementById("main").replaceWith(page.getElementById("main"));
      openRegister();
      document.querySelector("[role=status], [role=alert]")?.scrollIntoView({ block: "nearest" });
      document.querySelector("#register .hn-btn-main").focus({ preventScroll: true });
    } catch {
      note.hidden = false;
      save.disabled = false;
    }
  });
  window.onbeforeunload = (event) => { if (unsaved) event.preventDefault(); };
}
openRegister();
