/**
 * French: what a network that lets nothing through has to let through.
 */

/** @type {typeof import("./en_openings.js").openings} */
export const openings = (needed) => `Dans un cabinet ou une entreprise, la personne qui gère le réseau doit laisser passer : ${needed}.`;
