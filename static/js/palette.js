// The palette: Ctrl-K opens it, letters fill it, arrows move, Enter opens. Without it the search page does the same.
(() => {
  const dialog = document.getElementById("palette");
  const input = dialog.querySelector("input");
  const list = dialog.querySelector(".hn-hits");
  const preview = dialog.querySelector(".hn-preview");
  const status = dialog.querySelector("[role=status]");
  const kinds = [...dialog.querySelectorAll("[data-show]")];
  let asked = 0;
  let timer;

  const hits = () => [...list.querySelectorAll(".hn-hitgroup:not([hidden]) .hn-hit")];

  function choose(hit) {
    list.querySelectorAll(".hn-hit").forEach((each) => each.classList.toggle("hn-chosenhit", each === hit));
    preview.replaceChildren();
    const all = hits();
    const said = hit ? `${hit.innerText.replace(/\s+/g, " ")}, ${all.indexOf(hit) + 1} / ${all.length}` : list.innerText;
    status.textContent = said.trim();
    if (!hit) return;
    preview.append(hit.parentElement.querySelector("template").content.cloneNode(true));
    hit.scrollIntoView({ block: "nearest" });
  }

  function narrow(kind) {
    kinds.forEach((each) => each.setAttribute("aria-pressed", String(each.dataset.show === kind)));
    list.querySelectorAll(".hn-hitgroup").forEach((group) => { group.hidden = kind !== "" && group.dataset.kind !== kind; });
    choose(hits()[0]);
  }

  async function ask() {
    const number = ++asked;
    const words = input.value.trim();
    if (words.length < 2) {
      list.textContent = list.dataset.empty;
      choose(null);
      return;
    }
    const address = new URL(dialog.querySelector("form").action);
    address.search = new URLSearchParams({ q: words, part: "hits" });
    const answer = await fetch(address, { credentials: "same-origin" }).catch(() => null);
    if (number !== asked || !answer || !answer.ok || answer.redirected) return;
    list.innerHTML = await answer.text();
    narrow(kinds.find((each) => each.getAttribute("aria-pressed") === "true").dataset.show);
  }

  function open(event) {
    event.preventDefault();
    if (dialog.open) return;
    dialog.showModal();
    input.select();
    ask();
  }

  function move(step) {
    const all = hits();
    const at = all.findIndex((each) => each.classList.contains("hn-chosenhit"));
    choose(all[(at + step + all.length) % all.length]);
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") open(event);
  });
  document.querySelectorAll("[data-palette]").forEach((each) => each.addEventListener("click", open));
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 140); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (hits().length) move(event.key === "ArrowDown" ? 1 : -1);
    }
    const chosen = list.querySelector(".hn-chosenhit");
    if (event.key === "Enter" && chosen) {
      event.preventDefault();
      location.assign(chosen.href);
    }
  });
  list.addEventListener("mouseover", (event) => {
    const hit = event.target.closest(".hn-hit");
    if (hit && !hit.classList.contains("hn-chosenhit")) choose(hit);
  });
  kinds.forEach((each) => each.addEventListener("click", () => { narrow(each.dataset.show); input.focus(); }));
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
})();
