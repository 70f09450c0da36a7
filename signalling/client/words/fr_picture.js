/**
 * French: why a picture is not shown here.
 */

import { capital } from "./capital.js";

/** @type {typeof import("./en_picture.js").pictureWords} */
export const pictureWords = (roles) => (role, reason, source) => {
  const of = `de ${roles[role].the}`.replace("de le ", "du ");
  const isScreen = source === "screen";
  const whose = `${isScreen ? "l’écran" : "l’image"} ${of}`;
  const itReturns = isScreen ? "il revient tout seul" : "elle revient toute seule";
  if (reason === "") return `${capital(whose)} peut de nouveau s’afficher.`;
  if (reason === "low_rate") {
    const short = isScreen ? "L’écran partagé" : "L’image";
    return `Votre connexion est faible en ce moment. ${short} est en pause pour que vous puissiez vous entendre ; ${itReturns}.`;
  }
  if (reason === "no_room") return `Votre connexion ne suffit pas à toutes les images en ce moment. ${capital(whose)} est en pause ; ${itReturns}.`;
  if (reason === "no_common_codec") {
    return `Ce navigateur ne peut pas afficher ${whose}. Le son n’est pas concerné. Chrome, Edge, Firefox ou Safari à jour peuvent l’afficher.`;
  }
  return `${capital(whose)} n’arrive pas en ce moment ; ${itReturns}. Le son continue.`;
};
