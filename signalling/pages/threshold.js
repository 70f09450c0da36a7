/**
 * What stands before a consultation whose link works once: it is used by a press. What opens links before people do, such as
 * previews of messengers and scanners of mail, presses nothing. The focus goes from the button to the page's heading.
 */

const WORDS = {
  en: { title: "Your consultation", text: "This link works once. Open it on the device and in the window that you will use.", enter: "Enter" },
  fr: { title: "Votre consultation", text: "Ce lien ne sert qu’une fois. Ouvrez-le sur l’appareil et dans la fenêtre que vous utiliserez.", enter: "Entrer" },
};

/**
 * @param {Element | null} room Stands in its place when it is over.
 * @param {string} lang
 * @returns {Promise<void>} Fulfilled by the press.
 */
export function pressed(room, lang) {
  const words = lang === "fr" ? WORDS.fr : WORDS.en;
  const threshold = document.createElement("section");
  threshold.className = "threshold";
  const title = document.createElement("h2");
  title.textContent = words.title;
  title.id = "threshold-title";
  threshold.setAttribute("aria-labelledby", title.id);
  const text = document.createElement("p");
  text.textContent = words.text;
  const enter = document.createElement("button");
  enter.type = "button";
  enter.textContent = words.enter;
  threshold.append(title, text, enter);
  room?.replaceWith(threshold);
  return new Promise((resolve) => {
    const go = () => {
      if (room) threshold.replaceWith(room);
      // The button that had the focus is gone; the page is read, and gone through by Tab, from its beginning.
      const heading = document.querySelector("h1");
      heading?.setAttribute("tabindex", "-1");
      heading?.focus({ preventScroll: true });
      resolve();
    };
    enter.addEventListener("click", go, { once: true });
  });
}
