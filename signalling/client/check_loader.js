/**
 * Fetches the check before the consultation when somebody asks for it.
 *
 * Beside the entries, so that the address is the same whether modules are gathered or served as they are written.
 *
 * @returns {Promise<typeof import("./check.js")>}
 */
export async function loadCheck() {
  return import("./check.js");
}
