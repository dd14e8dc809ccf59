/* After signing out nothing about people stays on the device; marks that still wait are asked about first. */
const KEPT_MARKS = "hunar-register";
const KEPT_PAGES = "hunar-teach";

async function countWaiting() {
  const known = (await indexedDB.databases?.()) ?? [];
  if (!known.some((each) => each.name === KEPT_MARKS)) return 0;
  return new Promise((resolve) => {
    const opening = indexedDB.open(KEPT_MARKS);
    opening.onerror = () => resolve(0);
    opening.onsuccess = () => {
      const counting = opening.result.transaction("marks").objectStore("marks").count();
      counting.onsuccess = () => {
        opening.result.close();
        resolve(counting.result);
      };
    };
  });
}

function forget() {
  return Promise.all([
    "caches" in window ? caches.delete(KEPT_PAGES) : null,
    new Promise((resolve) => {
      const gone = indexedDB.deleteDatabase(KEPT_MARKS);
      gone.onsuccess = gone.onerror = gone.onblocked = resolve;
    }),
  ]);
}

for (const form of document.querySelectorAll("form[data-sign-out]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const waiting = await countWaiting().catch(() => 0);
    if (waiting && !window.confirm(form.dataset.signOut.replace("N", waiting))) return;
    await forget().catch(() => {});
    form.submit();
  });
}
