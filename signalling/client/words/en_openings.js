/**
 * English: what a network that lets nothing through has to let through.
 */

/** @param {string} needed As `UDP 203.0.113.7:7882, TCP turn.example:443`. */
export const openings = (needed) => `In a clinic or an office, whoever looks after the network has to let this through: ${needed}.`;
