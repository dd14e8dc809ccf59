/* Shows an instructor's day and its registers without a network. Writes never pass here: register.js sends them. */
const CACHE = "hunar-teach";
const PATIENCE = 4000; /* a line this slow is no line, if the page is at hand */
const KEPT = /^\/teach\/(sessions\/\d+\/)?$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  const isPart = address.pathname.startsWith("/static/");
  const isPage = event.request.mode === "navigate" && KEPT.test(address.pathname);
  if (isPart || isPage) event.respondWith(fetchOrRecall(event, isPage ? address.pathname : event.request));
});

async function fetchOrRecall(event, key) {
  const kept = await (await caches.open(CACHE)).match(key);
  const fresh = fetch(event.request).then(async (answer) => {
    if (answer.ok && !answer.redirected) await (await caches.open(CACHE)).put(key, answer.clone());
    return answer;
  });
  if (!kept) return fresh;
  event.waitUntil(fresh.catch(() => {}));
  const tired = new Promise((resolve) => { setTimeout(resolve, PATIENCE, kept); });
  return Promise.race([fresh, tired]).catch(() => kept);
}
