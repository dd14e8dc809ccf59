/* Marks that wait on this device: kept in IndexedDB, sent with their own key and time, never sent twice with effect. */
window.hunarStore = (() => {
  const NAME = "hunar-register";
  const CACHE = "hunar-teach";
  let memory = null; /* where the browser offers no database, at least while the page is open */

  async function open() {
    if (memory) return null;
    try {
      return await idb.openDB(NAME, 1, {
        upgrade(made) {
          made.createObjectStore("marks", { keyPath: "key" });
        },
        blocking(_now, _next, event) {
          event.target.close();
        },
      });
    } catch {
      memory = new Map();
      return null;
    }
  }

  /* One after the other: a mark that was sent must not be written down again by an earlier, slower act. */
  let line = Promise.resolve();
  const withMarks = (mode, act) => {
    line = line.then(() => inTurn(mode, act), () => inTurn(mode, act));
    return line;
  };

  async function inTurn(mode, act) {
    const database = await open();
    if (!database) return act({
      getAll: async () => [...memory.values()],
      put: async (mark) => memory.set(mark.key, mark),
      delete: async (key) => memory.delete(key),
    });
    const transaction = database.transaction("marks", mode);
    const result = await act(transaction.store);
    await transaction.done;
    database.close();
    return result;
  }

  /* What one person's marks wait here, in the order in which they were made. */
  const all = (user) => withMarks("readonly", async (store) => (
    (await store.getAll()).filter((mark) => mark.user === user).sort((one, other) => one.at.localeCompare(other.at))));

  /* One waiting mark per person and session: the last wish counts. */
  const put = (marks) => withMarks("readwrite", async (store) => {
    const standing = await store.getAll();
    for (const mark of marks) {
      for (const old of standing) {
        const same = old.user === mark.user && old.session === mark.session && old.enrolment === mark.enrolment;
        if (same && old.key !== mark.key) await store.delete(old.key);
      }
      await store.put(mark);
    }
  });

  const drop = (keys) => withMarks("readwrite", async (store) => {
    for (const key of keys) await store.delete(key);
  });

  const newKey = () => {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  function token() {
    const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    return cookie ? cookie[1] : document.querySelector("input[name=csrfmiddlewaretoken]").value;
  }

  /* Send what waits for one session. Returns what the server said; throws where the line failed. */
  async function send(address, marks, reason) {
    const wishes = marks.map(({ enrolment, status, minutes, key, at }) => ({ enrolment, status, minutes, key, at }));
    const body = { version: Math.min(...marks.map((mark) => mark.version)), marks: wishes };
    if (reason) body.reason = reason;
    const answer = await fetch(address, {
      method: "PUT",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
      body: JSON.stringify(body),
    });
    if (answer.status >= 500) throw new Error(answer.statusText);
    return settle(answer.status, await answer.json(), marks);
  }

  async function settle(status, said, marks) {
    const keys = marks.map((mark) => mark.key);
    if (status === 200) await drop(keys);
    if (said.code === "stale_version") {
      const clashes = new Map(said.differences.map((each) => [each.enrolment, each.stands]));
      await drop(marks.filter((mark) => !clashes.has(mark.enrolment)).map((mark) => mark.key));
      await put(marks.filter((mark) => clashes.has(mark.enrolment)).map((mark) => (
        { ...mark, clash: { stands: clashes.get(mark.enrolment), version: said.version } })));
    }
    return { status, said };
  }

  /* Everything that waits, of every session, one request each; clashes wait for a person. */
  async function sendAll(user) {
    const sessions = new Map();
    for (const mark of await all(user)) {
      if (mark.clash) continue;
      sessions.set(mark.api, [...(sessions.get(mark.api) ?? []), mark]);
    }
    for (const [address, marks] of sessions) await send(address, marks);
    return (await all(user)).length;
  }

  /* Keep a page and what it is made of, so that the worker can show it without a network. */
  async function keep(addresses) {
    const cache = await caches.open(CACHE);
    const parts = new Set(performance.getEntriesByType("resource").map((entry) => entry.name));
    for (const address of addresses) {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) continue;
      const page = new DOMParser().parseFromString(await answer.clone().text(), "text/html");
      for (const part of page.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")) {
        parts.add(new URL(part.getAttribute("href") ?? part.getAttribute("src"), location.href).href);
      }
      await cache.put(address, answer);
    }
    const ours = [...parts].filter((part) => part.startsWith(`${location.origin}/static/`));
    await Promise.all(ours.map((part) => cache.add(part).catch(() => {})));
  }

  return { all, put, drop, newKey, send, sendAll, keep };
})();

if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js", { scope: "/teach/" });
