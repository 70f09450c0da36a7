/**
 * French.
 *
 * @typedef {import("../protocol.js").Role} Role
 * @typedef {import("../protocol.js").Source} Source
 * @typedef {import("../protocol.js").Verdict} Verdict
 * @typedef {import("../protocol.js").Direction} Direction
 * @typedef {import("../state.js").StateName} StateName
 */

import { capital } from "./capital.js";
import { errors } from "./fr_errors.js";

/** @type {Record<Role, import("./en.js").RoleWords>} */
const roles = {
  practitioner: { name: "Praticien", the: "le praticien", your: "votre praticien" },
  patient: { name: "Patient", the: "le patient", your: "votre patient" },
  carer: { name: "Aidant", the: "l’aidant", your: "l’aidant" },
  interpreter: { name: "Interprète", the: "l’interprète", your: "l’interprète" },
  expert: { name: "Expert", the: "l’expert", your: "l’expert" },
  assistant: { name: "Assistant", the: "l’assistant", your: "l’assistant" },
  device: { name: "Appareil médical", the: "l’appareil médical", your: "l’appareil médical" },
  observer: { name: "Observateur", the: "l’observateur", your: "l’observateur" },
};

/** @param {Role} role */
const The = (role) => capital(roles[role].the);

/** @param {Role} role */
const of = (role) => `de ${roles[role].the}`.replace("de le ", "du ");

/** @param {Role | null} self */
const expected = (self) => roles[self === "practitioner" ? "patient" : "practitioner"].your;

/** @type {typeof import("./en.js").en} */
export const fr = {
  lang: "fr",
  dir: "ltr",
  roles,
  errors,

  /**
   * @param {StateName} state
   * @param {string} reason
   * @param {Role | null} self
   */
  state(state, reason, self) {
    if (state === "connecting") {
      if (reason === "detour") return "Votre réseau retient le son et l’image. D’autres chemins sont essayés…";
      return reason === "media" ? "Connexion du son et de l’image…" : "Ouverture de la salle de consultation…";
    }
    if (state === "waiting") {
      if (reason === "handed_over") return "Vous avez passé la consultation.";
      if (reason === "sent_back") return "Vous êtes de nouveau en salle d’attente. Votre place est gardée.";
      if (reason === "waiting_room") return "Vous êtes en salle d’attente. Personne ne vous voit ni ne vous entend encore.";
      return reason === "interrupted"
        ? `${capital(expected(self))} a perdu la connexion un instant. Restez ici : vos places sont gardées.`
        : `En attente de ${expected(self)}.`;
    }
    if (state === "connected") return "Vous êtes en consultation.";
    if (state === "reconnecting") {
      if (reason === "offline") return "Votre appareil n’a plus de réseau. L’appel reprendra tout seul à son retour.";
      if (reason === "server") return "Le lien avec le serveur se rétablit. Continuez si vous vous entendez.";
      return "La connexion s’est interrompue. Elle revient toute seule : votre place est gardée.";
    }
    return "La consultation est terminée.";
  },

  /**
   * @param {Role | null} role
   * @param {Direction} direction
   * @param {Verdict} verdict
   */
  quality(role, direction, verdict) {
    if (role === null) {
      return {
        good: "Votre connexion est bonne.",
        weak: "Votre réseau est un peu faible.",
        poor: "Votre réseau est faible : le son et l’image peuvent se couper.",
        silent: "Rien ne passe depuis votre réseau pour le moment.",
      }[verdict];
    }
    if (direction === "towards") {
      return {
        good: `${The(role)} vous entend bien.`,
        weak: "Le réseau est un peu faible : l’image peut être moins nette.",
        poor: `${The(role)} vous entend difficilement : le réseau est faible.`,
        silent: `${The(role)} ne vous entend pas pour le moment.`,
      }[verdict];
    }
    return {
      good: `Vous entendez bien ${roles[role].the}.`,
      weak: "Le réseau est un peu faible : l’image peut être moins nette.",
      poor: `Vous entendez peut-être mal ${roles[role].the} : le réseau est faible.`,
      silent: `Rien n’arrive ${of(role)} pour le moment.`,
    }[verdict];
  },

  /**
   * @param {Role} role
   * @param {import("../roster.js").Change} change
   */
  participant(role, change) {
    return {
      joined: `${The(role)} est là.`,
      left: `${The(role)} a quitté la consultation.`,
      interrupted: `${The(role)} a perdu la connexion ; elle devrait revenir bientôt.`,
      back: `${The(role)} est de retour.`,
      private: `${The(role)} s’entretient à part ; il vous voit et vous entend pendant ce temps.`,
      public: `${The(role)} est de nouveau avec vous.`,
    }[change];
  },

  /** @param {number} place */
  place(place) {
    if (place === 0) return "Votre place est gardée";
    if (place === 1) return "C’est bientôt à vous";
    return place === 2 ? "Une personne est avant vous" : `${place - 1} personnes sont avant vous`;
  },

  /**
   * @param {Role} role
   * @param {Source} source
   * @param {boolean} muted
   */
  muted(role, source, muted) {
    const off = {
      microphone: `${The(role)} a coupé son micro.`,
      camera: `${The(role)} a coupé sa caméra.`,
      screen: `${The(role)} a suspendu le partage d’écran.`,
    };
    const on = {
      microphone: `${The(role)} a rétabli son micro.`,
      camera: `${The(role)} a rétabli sa caméra.`,
      screen: `${The(role)} partage de nouveau son écran.`,
    };
    return (muted ? off : on)[source];
  },

  ui: {
    consultation: "Consultation",
    microphone: "Micro",
    camera: "Caméra",
    leave: "Quitter",
    microphoneOff: "Micro coupé",
    cameraOff: "Caméra coupée",
    turnMicrophoneOff: "Couper le micro",
    turnMicrophoneOn: "Rétablir le micro",
    turnCameraOff: "Couper la caméra",
    turnCameraOn: "Rétablir la caméra",
    leaveConsultation: "Quitter la consultation",
    ownPicture: "Votre propre image",
    moveOwnPicture: "Votre propre image. Appuyez dessus pour la changer de coin, ou utilisez les flèches du clavier.",
    cameraIsOff: "Votre caméra est coupée",
    settings: "Réglages",
    messages: "Messages",
    unread: (count) => (count === 1 ? "1 nouveau message" : `${count} nouveaux messages`),
    pictureOf: (role) => `Image ${of(role)}`,
    screenOf: (role) => `Écran ${of(role)}`,
    noPicture: "Caméra coupée",
    pictureSoon: "L’image arrive…",
    waitingTitle: (self) => `${capital(expected(self))} va vous rejoindre ici`,
    waitingBack: (self) => `${capital(expected(self))} revient dans un instant`,
    waitingText: "Vous n’avez rien à faire. Votre place est gardée et l’appel commence tout seul.",
    connectionWorks: "La connexion fonctionne",
    cameraWorks: "La caméra fonctionne",
    microphoneWorks: "Le micro fonctionne",
    saySomething: "Dites un mot : la barre bouge",
    checkAll: "Tester la caméra, le son et le réseau",
    cameraTurnedOff: "La caméra est coupée",
    microphoneTurnedOff: "Le micro est coupé",
    cameraMissing: "Pas de caméra utilisée",
    microphoneMissing: "Pas de micro utilisé",
    soundLevel: "Niveau du son",
    askingTitle: "Votre navigateur va vous poser une question",
    askingText: "Il demande si cette page peut utiliser votre caméra et votre micro. Choisissez « Autoriser » pour vous voir et vous entendre.",
    connectingTitle: "Ouverture de votre consultation",
    reconnectingTitle: "La connexion revient",
    permissionTitle: "La caméra et le micro sont bloqués",
    leftTitle: "La consultation est terminée",
    leftText: "La caméra et le micro sont éteints. Vous pouvez fermer cette page.",
    comeBack: "Revenir",
    tryAgain: "Réessayer",
    continueHere: "Continuer ici",
    withoutDevices: "Continuer sans",
    playTitle: "Encore un geste",
    playText: "Votre navigateur attend que vous touchiez l’écran pour jouer le son.",
    play: "Activer le son",
    theyAreMuted: (role) => `Le micro ${of(role)} est coupé`,
    letInText: "Vous n’avez rien à faire : on vous fera entrer.",
    people: "Participants",
    waitingCount: (count) => (count === 1 ? "1 personne attend" : `${count} personnes attendent`),
    heldBack: "Un responsable de la consultation a coupé votre micro : personne ne vous entend.",
    youConfer: "Vous vous entretenez à part. Les autres ne vous voient pas et ne vous entendent pas.",
    youAreMuted: "Votre micro est coupé : personne ne vous entend.",
    noToken: "Le lien vers cette consultation est incomplet.",
    noTokenAction: "Ouvrez de nouveau le lien reçu, en entier.",
  },
};
