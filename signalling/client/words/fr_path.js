/**
 * French: which way sound and picture take.
 */

/** @type {typeof import("./en_path.js").path} */
export const path = (way, over, blocked) => {
  if (way === "direct") return "Le son et l’image prennent le chemin direct.";
  if (!blocked) return "Le son et l’image passent par un serveur relais, comme cette page le demande.";
  const falters = "cela fonctionne, mais peut saccader quand le réseau est chargé.";
  const noUdp = "Votre réseau semble bloquer le chemin habituel des appels (UDP).";
  if (way === "tcp") return `${noUdp} L’appel passe en TCP : ${falters}`;
  if (over === "udp") return "Votre réseau semble bloquer le chemin direct. L’appel passe par un serveur relais.";
  const only = over === "tls" ? "Votre réseau semble ne laisser passer que le web chiffré." : noUdp;
  return `${only} L’appel passe par un serveur relais : ${falters}`;
};
