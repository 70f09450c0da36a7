/**
 * A check before the consultation, in French.
 */

import { devices } from "../words/fr_devices.js";
import { errors } from "../words/fr_errors.js";
import { first } from "../words/first.js";

/** @type {typeof import("./words_en.js").en.findings} */
const findings = {
  "fine.browser": ["Ce navigateur permet la téléconsultation.", ""],
  "fine.server": ["Le serveur de la consultation répond et reconnaît votre lien.", ""],
  "fine.clock": ["L’heure de cet appareil est juste.", ""],
  "fine.camera": ["La caméra fonctionne.", ""],
  "fine.microphone": ["Le micro vous entend.", ""],
  "fine.speaker": ["Vous avez entendu le son d’essai.", ""],
  "fine.network": ["Le son et l’image passent par ce réseau.", ""],
  "fine.bandwidth": ["La connexion est assez rapide pour le son et l’image.", ""],
  in_app_browser: ["Cette page est ouverte à l’intérieur d’une autre application, qui peut l’empêcher d’utiliser la caméra et le micro.", "Ouvrez le menu de cette page, choisissez « Ouvrir dans le navigateur », puis relancez le test."],
  old_browser: ["Ce navigateur est plus ancien que ceux avec lesquels la consultation est testée.", "Mettez-le à jour, ou utilisez une version récente de Chrome, Edge, Firefox ou Safari."],
  clock_wrong: ["La date ou l’heure de cet appareil est fausse : il peut prendre des connexions sûres pour dangereuses.", "Ouvrez les réglages de l’appareil, mettez la date et l’heure sur automatique, puis relancez le test."],
  camera_dark: ["L’image de la caméra est noire.", "Retirez ce qui couvre la caméra, ou allumez une lampe."],
  camera_still: ["La caméra est ouverte et ne donne pas d’image.", "Débranchez-la puis rebranchez-la, ou choisissez-en une autre."],
  not_heard: ["Le micro est ouvert, et on n’a entendu personne.", "Dites quelques mots tout près ; vérifiez qu’aucun bouton ne l’a coupé."],
  not_asked: ["Personne n’a encore dit si le son d’essai a été entendu.", "Écoutez le son d’essai."],
  playback_refused: ["Le navigateur n’a pas joué le son d’essai.", "Touchez le bouton encore une fois ; vérifiez que le son de cette page n’est pas coupé."],
  speaker_silent: ["Vous n’avez pas entendu le son d’essai.", "Montez le volume, vérifiez le casque ou choisissez un autre haut-parleur, puis écoutez-le de nouveau."],
  media_unreachable: ["Ce réseau ne laisse passer ni le son ni l’image.", "Essayez un autre réseau, par exemple celui de votre téléphone, ou demandez à qui s’occupe de celui-ci de laisser passer la consultation."],
  detour: ["Ce réseau ne laisse passer le son et l’image que par un détour : ils peuvent arriver en retard.", "Si vous le pouvez, utilisez un autre réseau, par exemple chez vous ou celui de votre téléphone."],
  narrow: ["Cette connexion est lente : les images seront petites, ou feront des pauses.", "Rapprochez-vous du Wi-Fi, utilisez un câble, et arrêtez les autres téléchargements et vidéos."],
  too_narrow: ["Cette connexion est trop lente, même pour le son.", "Utilisez un autre réseau, ou allez là où le signal est meilleur."],
  "overloaded.bandwidth": ["Le serveur est trop occupé pour mesurer votre connexion en ce moment.", ""],
  "overloaded.network": ["Le serveur est trop occupé pour essayer votre connexion en ce moment.", "Testez de nouveau dans une minute."],
  "not_measured.bandwidth": ["La vitesse de la connexion n’a pas pu être mesurée.", ""],
  "not_measured.network": ["Il n’a pas été possible de vérifier à temps si le son et l’image passent.", "Testez de nouveau."],
  "not_measured.server": ["Le serveur n’a pas répondu à temps.", "Testez de nouveau."],
  "not_measured.camera": ["La caméra n’a pas été testée : elle est éteinte, ou la question du navigateur attend encore.", "Allumez-la, ou répondez « Autoriser » à la question du navigateur."],
  "not_measured.microphone": ["Le micro n’a pas été testé : il est coupé, ou la question du navigateur attend encore.", "Activez-le, ou répondez « Autoriser » à la question du navigateur."],
  not_measured: ["Cela n’a pas pu être vérifié.", ""],
};

/** @type {typeof import("./words_en.js").en} */
export const fr = {
  lang: "fr",
  errors: { ...first.fr, ...errors, ...devices },
  findings,
  verdicts: {
    ready: "Tout est prêt pour votre consultation.",
    limited: "Vous pouvez consulter, mais quelque chose pourrait aller mieux.",
    not_ready: "Il y a quelque chose à faire avant votre consultation.",
  },
  ui: {
    title: "Test avant la consultation",
    intro: "En quinze secondes, vous savez si la caméra, le son et le réseau fonctionnent. Pendant ce temps, personne ne vous voit ni ne vous entend.",
    begin: "Lancer le test",
    again: "Tester de nouveau",
    checking: "Test en cours… Dites quelques mots.",
    picture: "Votre propre image",
    level: "Niveau sonore de votre micro",
    playSound: "Écouter le son d’essai",
    playing: "Un son bref est joué…",
    heardQuestion: "Avez-vous entendu le son ?",
    yes: "Oui",
    no: "Non",
    speaker: "Haut-parleur",
    waiting: "Pas encore testé",
    noToken: "Le lien vers ce test est incomplet. Ouvrez de nouveau le lien reçu, en entier.",
    rates: (from, towards) => `Mesuré : ${from} depuis ici, ${towards} vers ici.`,
    rate: (kbps) => (kbps === null ? "rien" : `${(kbps / 1_000).toFixed(1).replace(".", ",")} Mbit/s`),
    states: { good: "Fonctionne", weak: "Pourrait aller mieux", bad: "Ne fonctionne pas", unknown: "Inconnu" },
    names: {
      browser: "Navigateur",
      server: "Lien",
      clock: "Heure",
      camera: "Caméra",
      microphone: "Micro",
      speaker: "Haut-parleur",
      network: "Réseau",
      bandwidth: "Vitesse",
    },
  },
};
