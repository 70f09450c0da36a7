/**
 * What may go wrong on the way into a consultation and what to do, in French.
 */

/** @type {typeof import("./en_errors.js").errors} */
export const errors = {
  insecure_context: ["Cette page n’est pas ouverte de façon sécurisée : le navigateur garde la caméra et le micro fermés.", "Ouvrez de nouveau le lien, avec https:// devant."],
  unsupported_browser: ["Ce navigateur ne permet pas la téléconsultation.", "Utilisez une version récente de Chrome, Edge, Firefox ou Safari."],
  device_unsuitable: ["Cet appareil ne convient pas pour un appel.", "Choisissez-en un autre dans les réglages."],
  capture_failed: ["L’appareil n’a pas pu être ouvert.", "Fermez les autres applications qui l’utilisent, puis réessayez."],
  connection_lost: ["La connexion a été perdue trop longtemps.", "Vérifiez votre connexion à internet, puis revenez."],
  media_unreachable: ["Ce réseau ne laisse passer ni le son ni l’image.", "Essayez un autre réseau, par exemple celui de votre téléphone."],
  timed_out: ["Le serveur met trop de temps à répondre.", "Réessayez dans un instant."],
  token_invalid: ["Ce lien n’est pas valable.", "Demandez un nouveau lien."],
  token_expired: ["Ce lien a expiré.", "Demandez un nouveau lien."],
  link_used: ["Ce lien ne sert qu’une fois, et il a déjà servi.", "Continuez là où il a été ouvert, ou demandez un nouveau lien."],
  unknown_room: ["Cette consultation n’existe pas, ou elle est terminée.", "Vérifiez votre rendez-vous ou demandez un nouveau lien."],
  seat_taken: ["Cette consultation est déjà ouverte dans une autre fenêtre.", "Continuez ici pour fermer l’autre."],
  seat_unknown: ["Votre place a été gardée un moment, puis libérée.", "Revenez avec votre lien."],
  room_locked: ["Cette consultation n’accueille plus personne.", "Demandez à la personne qui vous a invité, puis rouvrez votre lien."],
  room_full: ["La consultation est complète.", "Demandez à la personne qui vous a invité."],
  invalid_offer: ["La connexion n’a pas pu s’établir avec ce navigateur.", "Rechargez la page ou utilisez un navigateur récent."],
  limit_reached: ["Une limite de cette consultation est atteinte.", "Réessayez dans un instant."],
  overloaded: ["Le serveur est très occupé.", "Réessayez dans un instant."],
  replaced: ["La consultation continue dans une autre fenêtre.", "Poursuivez là-bas, ou revenez ici."],
  taken_over: ["La consultation a été ouverte dans une autre fenêtre.", "Poursuivez là-bas, ou revenez ici."],
  room_closed: ["La consultation est terminée.", "Vous pouvez fermer cette page."],
  ejected: ["Cette consultation ne vous est plus ouverte.", "Demandez à la personne qui vous a invité."],
};
