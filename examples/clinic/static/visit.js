/**
 * A patient's link: its secret stands behind the `#`, is handed over once, and leaves the address.
 */

const page = document.querySelector("[data-visit]");
const place = page?.querySelector("[data-words]");

addEventListener("hashchange", takeLink);
takeLink();

async function takeLink() {
  const link = location.hash.slice(1);
  if (!link || !(page instanceof HTMLElement)) return;
  const { moment = "", unknown = "", failed = "" } = page.dataset;
  history.replaceState(null, "", location.pathname);
  say(moment);
  const status = await enter(link);
  if (status === 204) location.reload();
  else say(status === 404 ? unknown : failed);
}

/**
 * @param {string} link
 * @returns {Promise<number>} The answer's status; 0 where there is none.
 */
async function enter(link) {
  try {
    const response = await fetch("/visit/enter", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ link }),
    });
    return response.status;
  } catch {
    return 0;
  }
}

/** @param {string} words */
function say(words) {
  if (!(place instanceof HTMLElement)) return;
  place.hidden = false;
  place.textContent = words;
}

export {};
