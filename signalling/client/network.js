/**
 * What the browser says about the device's network.
 *
 * @param {{ changed: () => void, shown: () => void, offline: (isOffline: boolean) => void }} listener
 *   `changed`: old paths may be dead. `shown`: phones freeze hidden pages, so the socket's worth must be asked.
 * @returns {() => void} Stops watching.
 */
export function watchNetwork({ changed, shown, offline }) {
  const page = globalThis.window;
  if (!page?.addEventListener) return () => {};
  const wentOnline = () => {
    offline(false);
    changed();
  };
  const wentOffline = () => offline(true);
  const becameVisible = () => {
    if (page.document.visibilityState === "visible") shown();
  };
  page.addEventListener("online", wentOnline);
  page.addEventListener("offline", wentOffline);
  page.document.addEventListener("visibilitychange", becameVisible);
  const stopType = watchConnectionType(changed);
  return () => {
    page.removeEventListener("online", wentOnline);
    page.removeEventListener("offline", wentOffline);
    page.document.removeEventListener("visibilitychange", becameVisible);
    stopType();
  };
}

/**
 * Network Information (Chromium only): its `change` also fires for mere estimates, so only another type counts.
 *
 * @param {() => void} changed
 */
function watchConnectionType(changed) {
  const connection = /** @type {(EventTarget & { type?: string }) | undefined} */ (
    /** @type {any} */ (globalThis.navigator).connection
  );
  if (!connection?.addEventListener) return () => {};
  let { type } = connection;
  const compare = () => {
    if (connection.type === type) return;
    type = connection.type;
    changed();
  };
  connection.addEventListener("change", compare);
  return () => connection.removeEventListener("change", compare);
}
