/* Lists of the office: clean addresses, panels that close, a whole page chosen at once. Everything works without it. */
for (const form of document.querySelectorAll("[data-ask]")) {
  form.addEventListener("submit", () => {
    const boxes = [...form.querySelectorAll("[name=columns]")];
    const isUsual = boxes.every((box) => box.checked === ("usual" in box.dataset));
    for (const field of form.elements) {
      if (field.name && (!field.value || (isUsual && field.name === "columns"))) field.disabled = true;
    }
  });
}
const pops = [...document.querySelectorAll(".hn-pop")];
for (const pop of pops) {
  pop.addEventListener("toggle", () => {
    if (pop.open) for (const other of pops) if (other !== pop) other.open = false;
  });
}
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && pops.find((pop) => pop.open);
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  for (const pop of pops) if (!pop.contains(event.target)) pop.open = false;
});
const every = document.querySelector("[data-every]");
const rows = [...document.querySelectorAll("[name=row]")];
const chosen = document.querySelector(".hn-chosen b");
function count() {
  const n = rows.filter((row) => row.checked).length;
  if (chosen) chosen.textContent = n;
  if (every) every.checked = n === rows.length;
  if (every) every.indeterminate = n > 0 && n < rows.length;
}
if (every) {
  every.hidden = false;
  every.addEventListener("change", () => {
    for (const row of rows) row.checked = every.checked;
    count();
  });
}
for (const row of rows) row.addEventListener("change", count);
document.querySelector("#acts")?.addEventListener("reset", () => setTimeout(count));
if (rows.length) count();
