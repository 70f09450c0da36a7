/**
 * French: why a microphone or a camera did not open or was lost, and what to do.
 */

/** @type {typeof import("./en_devices.js").devices} */
export const devices = {
  in_app_browser: [
    "Cette page est ouverte dans une autre application, qui ne lui laisse ni caméra ni micro.",
    "Ouvrez-la dans votre navigateur : touchez ⋯ ou le symbole de partage, puis « Ouvrir dans le navigateur », ou copiez le lien dans Safari ou Chrome.",
  ],
  permission_denied: ["Le navigateur ne laisse pas cette page utiliser l’appareil.", "Autorisez-le dans les réglages du navigateur pour cette page, puis réessayez."],
  "permission_denied.microphone": ["Le navigateur ne laisse pas cette page utiliser le micro.", "Autorisez le micro pour cette page, puis réessayez."],
  "permission_denied.camera": ["Le navigateur ne laisse pas cette page utiliser la caméra.", "Autorisez la caméra pour cette page, puis réessayez."],
  permission_dismissed: ["La question du navigateur a été fermée sans réponse.", "Réessayez et choisissez « Autoriser »."],
  permission_blocked_by_system: ["Les réglages de votre appareil empêchent le navigateur de les utiliser.", "Ouvrez les réglages de confidentialité du système, autorisez la caméra et le micro pour le navigateur, puis réessayez."],
  device_missing: ["Aucun appareil de ce type n’a été trouvé.", "Branchez-en un, puis réessayez."],
  "device_missing.microphone": ["Aucun micro n’a été trouvé.", "Branchez un micro ou un casque, puis réessayez."],
  "device_missing.camera": ["Aucune caméra n’a été trouvée.", "Branchez une caméra, ou continuez avec le son seul."],
  device_busy: ["Une autre application utilise l’appareil.", "Fermez l’autre application, puis réessayez."],
  "device_busy.microphone": ["Une autre application utilise le micro.", "Fermez les autres appels et enregistreurs, puis réessayez."],
  "device_busy.camera": ["Une autre application utilise la caméra.", "Fermez les autres applications vidéo, puis réessayez."],
  device_lost: ["Un appareil a été débranché ou s’est arrêté.", "Rebranchez-le ou choisissez-en un autre dans les réglages."],
  "device_lost.microphone": ["Le micro a été débranché ou s’est arrêté.", "Rebranchez-le ou choisissez-en un autre dans les réglages."],
  "device_lost.camera": ["La caméra a été débranchée ou s’est arrêtée.", "Rebranchez-la ou choisissez-en une autre dans les réglages."],
};
