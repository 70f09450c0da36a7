/**
 * French: what is read in the course of a consultation, and in its panels.
 */

import { devices } from "./fr_devices.js";
import { path } from "./fr_path.js";
import { pictureWords } from "./fr_picture.js";
import { silenceWords } from "./fr_silence.js";

/** @type {typeof import("./en_more.js").more} */
export const more = (roles) => ({
  silence: silenceWords(roles),
  picture: pictureWords(roles),
  path,
  openings: (needed) => `Dans un cabinet ou une entreprise, la personne qui gère le réseau doit laisser passer : ${needed}.`,

  interrupted(sources) {
    if (sources.length === 0) return "On peut de nouveau vous entendre et vous voir.";
    const devices = sources.map((source) => (source === "microphone" ? "le micro" : "la caméra"));
    return `Votre appareil retient ${devices.join(" et ")}, pour un appel peut-être, ou il a été débranché. La consultation reprend toute seule à son retour.`;
  },

  errors: {
    ...devices,
    clock_wrong: [
      "Le serveur de la consultation est injoignable, et la date ou l’heure de cet appareil ne va pas avec ce lien.",
      "Réglez-les sur automatique dans les réglages de l’appareil. Si elles sont justes, vérifiez votre connexion à internet. Puis réessayez.",
    ],
    screen_denied: ["L’écran n’est pas partagé.", "Réessayez et choisissez ce que vous voulez montrer."],
    not_admitted: ["Vous êtes en salle d’attente.", "Attendez qu’on vous fasse entrer."],
    not_allowed: ["Votre rôle ne permet pas cela.", "Demandez à la personne qui vous a invité."],
    conflict: ["Cela n’est pas possible pour le moment.", "Réessayez dans un instant."],
    not_joined: ["Vous n’êtes pas encore dans la consultation.", "Entrez d’abord."],
    already_joined: ["Vous êtes déjà dans la consultation.", "Continuez ici."],
    draining: ["Le serveur est en maintenance.", "Vous revenez tout seul dans un instant."],
    message_too_large: ["Ce message est trop long.", "Raccourcissez-le ou envoyez-le en plusieurs fois."],
    message_overload: ["Trop de messages attendent d’être envoyés.", "Attendez que la connexion soit meilleure."],
    invalid_argument: ["Cela ne peut pas se faire ainsi.", "Vérifiez ce qui a été donné à la fonction."],
    invalid_message: ["Le serveur n’a pas compris cette demande.", "Rechargez la page."],
    too_large: ["C’est trop volumineux pour être envoyé.", "Raccourcissez."],
    too_deep: ["Le serveur n’a pas compris cette demande.", "Rechargez la page."],
    unknown_type: ["Le serveur ne connaît pas cette demande.", "Rechargez la page."],
    wrong_secret: ["Votre place n’a pas pu être reconnue.", "Revenez avec votre lien."],
    not_found: ["Cela n’existe plus.", "Continuez sans."],
    slow_consumer: ["Votre réseau est trop lent pour le moment.", "Vous revenez tout seul dans un instant."],
    protocol_error: ["Le serveur n’a pas compris cette page.", "Rechargez la page."],
  },

  permissionSteps: {
    chromium: ["Touchez l’icône à gauche de l’adresse de la page.", "Activez « Caméra » et « Micro ».", "Revenez ici et choisissez « Réessayer »."],
    firefox: ["Touchez la caméra ou le micro barré à gauche de l’adresse de la page.", "Retirez « Bloqué » à côté de la caméra et du micro.", "Revenez ici et choisissez « Réessayer »."],
    safari: ["Touchez « aA », ou le nom du site, à côté de l’adresse, puis « Réglages du site web ».", "Mettez « Caméra » et « Micro » sur « Autoriser ».", "Revenez ici et choisissez « Réessayer »."],
    other: ["Ouvrez les réglages du navigateur pour cette page.", "Autorisez la caméra et le micro.", "Revenez ici et choisissez « Réessayer »."],
  },

  ui: {
    you: "Vous",
    close: "Fermer",
    message: "Message",
    writeMessage: "Écrire un message",
    send: "Envoyer",
    writeLive: "Montrer ce que j’écris lettre par lettre",
    says: (name) => `${name} :`,
    captionsBy: (name, writer) => `${name} (sous-titres : ${writer}) :`,
    noMessages: "Pas encore de message. Toutes les personnes présentes voient ce que vous écrivez ici.",
    messageNotSent: "Ce message n’a pas pu être envoyé. Raccourcissez-le, ou réessayez.",
    chooseMicrophone: "Micro",
    chooseCamera: "Caméra",
    chooseSpeaker: "Haut-parleur",
    noDevices: "Les appareils s’affichent ici dès que le navigateur peut les utiliser.",
    picture: "Image",
    autoPicture: "Selon l’image",
    fillPicture: "Remplir l’écran",
    fitPicture: "Voir l’image entière",
    audioOnly: "Son seulement",
    shareScreen: "Partager mon écran",
    stopSharing: "Arrêter le partage",
    inWaitingRoom: "En salle d’attente",
    inRoom: "En consultation",
    nobodyWaits: "Personne n’attend.",
    nobodyElse: "Personne d’autre n’est là.",
    waitsSince: (minutes) => (minutes < 1 ? "vient d’arriver" : `attend depuis ${minutes} min`),
    prechecked: { ready: "tout fonctionne", limited: "quelque chose pourrait aller mieux", not_ready: "quelque chose ne fonctionne pas" },
    admit: "Faire entrer",
    sendBack: "En salle d’attente",
    eject: "Exclure",
    ejectSure: "Exclure définitivement ?",
    mute: "Couper le micro",
    unmute: "Rendre la parole",
    lock: "Ne plus laisser entrer personne",
    extend: "Prolonger de 15 minutes",
    endsAt: (at) => `Cette consultation se termine à ${at}.`,
  },
});
