/* Compare a PDF with the issued one: hashed here, nothing is uploaded. */
(() => {
  const drop = document.getElementById("drop");
  if (!drop || !window.crypto?.subtle) return;
  const answer = drop.querySelector("[role=status]");
  async function compare(file) {
    const sum = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    const hex = [...new Uint8Array(sum)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const same = hex === drop.dataset.sha256;
    answer.textContent = same ? answer.dataset.same : answer.dataset.other;
    answer.className = same ? "hn-good" : "hn-bad";
  }
  drop.querySelector("input").addEventListener("change", (event) => {
    if (event.target.files[0]) compare(event.target.files[0]);
  });
  drop.addEventListener("dragover", (event) => event.preventDefault());
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) compare(event.dataTransfer.files[0]);
  });
})();
