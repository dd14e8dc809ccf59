/* Compare a PDF with the issued one, hashed here: nothing is uploaded. And print the page. */
(() => {
  const print = document.getElementById("print");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
  const drop = document.getElementById("drop");
  if (!drop || !window.crypto?.subtle) return;
  drop.hidden = false;
  const answer = drop.querySelector("[role=status]");
  async function compare(file) {
    if (!file) return;
    const sum = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    const hex = [...new Uint8Array(sum)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const same = hex === drop.dataset.sha256;
    answer.textContent = same ? answer.dataset.same : answer.dataset.other;
    answer.className = `hn-drop-answer ${same ? "hn-good" : "hn-bad"}`;
  }
  drop.querySelector("input").addEventListener("change", (event) => compare(event.target.files[0]));
  for (const kind of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("hn-over", kind === "dragover");
      if (kind === "drop") compare(event.dataTransfer.files[0]);
    });
  }
})();
