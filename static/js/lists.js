/* Lists of the office: clean addresses, and panels that close. Everything works without it. */
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
