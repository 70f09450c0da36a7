/**
 * The demonstration's first page, in the person's language; opens a pasted link if it is one of this relay's.
 */

const FRENCH = new Map([
  ["h1", "Le relais est en marche"],
  ["h1 + p", "Une consultation de démonstration est prête. Ses deux liens, l’un pour le praticien et l’autre pour le patient, sont dans le terminal où le relais a été lancé."],
  ["label", "Collez ici l’un des liens, ou ouvrez-le dans sa propre fenêtre de navigateur."],
  ["button", "Ouvrir"],
  [".problem", "Ce lien ne mène pas à une consultation de ce relais."],
  [".hint", "Chaque lien ouvre une place. Ouvrez l’autre dans une seconde fenêtre, ou dans un autre navigateur de la même machine."],
]);

/**
 * The address to go to.
 *
 * @param {string} pasted
 * @param {string} here The page's own address: a link that leads elsewhere is not followed.
 * @returns {string | null}
 */
export function consultationAddress(pasted, here) {
  try {
    const link = new URL(pasted.trim());
    const isOurs = link.origin === new URL(here).origin && link.pathname.endsWith("/consultation");
    return isOurs && new URLSearchParams(link.hash.slice(1)).has("token") ? link.href : null;
  } catch {
    return null;
  }
}

function prepare() {
  if (navigator.languages[0]?.startsWith("fr")) {
    document.documentElement.lang = "fr";
    document.querySelector("main")?.setAttribute("lang", "fr");
    for (const [selector, text] of FRENCH) {
      const element = document.querySelector(selector);
      if (element) element.textContent = text;
    }
  }
  const form = document.querySelector("form");
  form?.addEventListener("submit", (event) => {
    // The page's policy lets no form be sent anywhere, and nothing has to be.
    event.preventDefault();
    const pasted = String(new FormData(form).get("link") ?? "");
    const address = consultationAddress(pasted, location.href);
    const field = form.querySelector("input");
    form.querySelector(".problem")?.toggleAttribute("hidden", address !== null);
    field?.setAttribute("aria-invalid", String(address === null));
    if (address) location.assign(address);
    else field?.focus();
  });
}

if (globalThis.document) prepare();
