/* Keeps the day's registers on the device and sends what waits there, as soon as there is a network. */
const day = document.getElementById("day");
const sent = day.querySelector("[data-sent]");

async function sendWaiting() {
  const user = day.dataset.user;
  const left = await window.hunarStore.sendAll(user).catch(async () => (await window.hunarStore.all(user)).length);
  sent.hidden = false;
  sent.dataset.state = left ? "waiting" : "sent";
  sent.querySelector("span").textContent = left ? sent.dataset.some.replace("N", left) : sent.dataset.all;
}

window.addEventListener("online", sendWaiting);
sendWaiting();
if (navigator.onLine) window.hunarStore.keep([location.pathname, ...day.dataset.keep.split(" ").filter(Boolean)]).catch(() => {});
