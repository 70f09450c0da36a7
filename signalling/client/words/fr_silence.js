/**
 * French: who cannot hear or see whom, why, and what to do.
 *
 * @typedef {import("../protocol.js").Source} Source
 * @typedef {import("../protocol.js").Direction} Direction
 */

import { capital } from "./capital.js";

/** @type {Record<Source, { device: string, one: string, hear: [string, string, string], what: string }>} */
const sources = {
  microphone: { device: "micro", one: "un autre micro", hear: ["entend", "entendent", "entendez"], what: "" },
  camera: { device: "caméra", one: "une autre caméra", hear: ["voit", "voient", "voyez"], what: "" },
  screen: { device: "écran", one: "un autre écran", hear: ["voit", "voient", "voyez"], what: "écran" },
};

const MENDING = "la réparation se fait toute seule. Si cela dure, essayez un autre réseau.";

/**
 * What is behind it, to whoever can do something about it, and to the other side.
 *
 * @type {Record<string, (device: string, one: string) => [string, string]>}
 */
const causes = {
  device_ended: (device, one) => [`votre ${device} ne répond plus. Rebranchez l’appareil ou choisissez ${one} dans les réglages.`, `l’appareil là-bas (${device}) ne répond plus.`],
  device_muted: (device) => [
    `votre appareil retient le son ou l’image (${device}), par un bouton ou pour un appel. Réactivez-le ou terminez l’appel.`,
    `l’appareil là-bas retient le son ou l’image (${device}).`,
  ],
  wrong_device: (device, one) => [`${one} que prévu est en service. Choisissez le bon appareil dans les réglages.`, `${one} que prévu est en service là-bas.`],
  no_sound: (device, one) => [`votre ${device} ne donne aucun son. Vérifiez son bouton ou choisissez ${one} dans les réglages.`, `le ${device} là-bas ne donne aucun son.`],
  no_picture: (device, one) => [`votre ${device} ne donne aucune image. Vérifiez son cache ou choisissez ${one} dans les réglages.`, `la ${device} là-bas ne donne aucune image.`],
  stopped: () => [`rien n’arrive de votre connexion ; ${MENDING}`, "rien n’arrive de là-bas ; la réparation se fait toute seule."],
  held: () => ["cela arrive ; un instant.", "cela arrive ; un instant."],
  lost: () => [`cela n’arrive pas jusqu’à vous ; ${MENDING}`, "cela n’arrive pas à destination ; la réparation se fait toute seule."],
  play_refused: () => ["votre navigateur attend que vous touchiez la page. Touchez-la.", "le navigateur là-bas attend que la page soit touchée."],
  play_paused: () => ["la lecture est en pause. Appuyez sur lecture.", "la lecture est en pause là-bas."],
  audio_suspended: () => ["le son de cette page est suspendu. Touchez la page.", "le son de la page là-bas est suspendu."],
  no_speaker: () => ["le haut-parleur choisi n’est plus là. Choisissez-en un autre dans les réglages.", "le haut-parleur choisi là-bas n’est plus là."],
};
const other = () => ["la réparation se fait toute seule.", "la réparation se fait toute seule."];

/**
 * @param {Record<import("../protocol.js").Role, import("./en.js").RoleWords>} roles
 * @returns {ReturnType<typeof import("./en_silence.js").silenceWords>}
 */
export const silenceWords = (roles) => (role, direction, source, cause, isMine) => {
  const { device, one, hear, what } = sources[source];
  const the = role ? roles[role].the : "les autres participants";
  const again = cause === "";
  const [before, after] = again ? ["", " de nouveau"] : ["ne ", " pas"];
  let head;
  if (direction === "towards") {
    const verb = role ? hear[0] : hear[1];
    const object = what ? "" : "vous ";
    // "ne" gives way to a vowel where no pronoun stands between.
    head = `${capital(the)} ${before}${object}${verb}${after}${what ? ` votre ${what}` : ""}`;
  } else {
    const elided = before && /^[aeiou]/.test(hear[2]) ? "n’" : before;
    const object = what ? `l’${what} de ${the}`.replace("de les ", "des ").replace("de le ", "du ") : the;
    head = `Vous ${elided}${hear[2]}${after} ${object}`;
  }
  if (again) return `${head}.`;
  const [mine, theirs] = (causes[cause === "never_came" ? "stopped" : cause] ?? other)(device, one);
  return `${head} : ${isMine ? mine : theirs}`;
};
