// Keys of the review: 1 to 5 choose a candidate, S somebody else, N nobody, L later. Without them the buttons do.
document.addEventListener("keydown", (event) => {
  const busy = event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey;
  const target = busy ? null : document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches("select")) target.focus();
  else target.click();
});
