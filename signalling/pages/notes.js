/**
 * A place for notes beside the picture: what a front-end's own panel looks like in the element's `side` slot.
 */

const WORDS = {
  en: { title: "Notes", placeholder: "What you write here stays in this window.", hint: "The demonstration keeps nothing: the notes go when the window closes." },
  fr: { title: "Notes", placeholder: "Ce que vous écrivez ici reste dans cette fenêtre.", hint: "La démonstration ne garde rien : les notes disparaissent avec la fenêtre." },
};

/**
 * @param {string} lang
 * @returns {HTMLElement}
 */
export function notesPanel(lang) {
  const words = lang === "fr" ? WORDS.fr : WORDS.en;
  const panel = document.createElement("section");
  panel.slot = "side";
  panel.className = "notes";
  const title = document.createElement("h2");
  title.textContent = words.title;
  title.id = "notes-title";
  panel.setAttribute("aria-labelledby", title.id);
  const text = document.createElement("textarea");
  text.placeholder = words.placeholder;
  text.ariaLabel = words.title;
  const hint = document.createElement("p");
  hint.textContent = words.hint;
  panel.append(title, text, hint);
  return panel;
}
