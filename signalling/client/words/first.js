/**
 * What may have to be said before a language has come, or because it does not come: all languages, and nothing else.
 */

/** @type {Record<"en" | "fr", Record<string, readonly [words: string, action: string]>>} */
export const first = {
  en: {
    invalid_token: ["The link to this consultation is incomplete.", "Open the link you received once more, in full."],
    unreachable: ["The consultation’s server cannot be reached.", "Check your internet connection, then try again."],
    left: ["You have left the consultation.", "You can come back as long as it lasts."],
    internal: ["Something failed on our side.", "Try again in a moment."],
  },
  fr: {
    invalid_token: ["Le lien vers cette consultation est incomplet.", "Ouvrez de nouveau le lien reçu, en entier."],
    unreachable: ["Le serveur de la consultation est injoignable.", "Vérifiez votre connexion à internet, puis réessayez."],
    left: ["Vous avez quitté la consultation.", "Vous pouvez revenir tant qu’elle dure."],
    internal: ["Une erreur s’est produite de notre côté.", "Réessayez dans un instant."],
  },
};
