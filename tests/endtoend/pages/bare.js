// The smallest front-end an embedder could write, on another origin than the relay's; tests call `window.bare`.
const asked = new URLSearchParams(location.search);
const relay = asked.get("relay");
const { Consultation } = await import(`${relay}/sdk/visavis.js`);

const seen = [];
let consultation = null;
const elements = new Map();
const watched = new Map();

/** Joins, and shows whatever the others publish. */
async function join(token, url, options = {}) {
  consultation = new Consultation({ token, url, ...options });
  for (const name of ["track", "track-ended", "muted", "participant", "state", "quality", "silence", "path", "message", "text", "interruption", "error"]) {
    consultation.on(name, (detail) => seen.push({ name, at_ms: Date.now(), detail: plain(detail) }));
  }
  consultation.on("track", ({ stream }) => show(stream));
  await consultation.join();
}

function show(stream) {
  if (!stream || elements.has(stream.id)) return;
  const element = document.createElement("video");
  element.autoplay = true;
  element.playsInline = true;
  element.srcObject = stream;
  elements.set(stream.id, element);
  watched.set(element, consultation.watch(element));
  document.body.append(element);
}

/** Events as JSON: what is not plain data is left out. */
function plain(detail) {
  const media = (value) => value instanceof MediaStream || value instanceof MediaStreamTrack;
  return JSON.parse(JSON.stringify(detail, (_, value) => (media(value) ? value.id : value)));
}

window.bare = {
  seen,
  join,
  publishDevices: async () => void (await consultation.publish({ audio: true, video: true })),
  publishTracks: async (stream) => void (await consultation.publish({ tracks: stream.getTracks() })),
  consultation: () => consultation,
  elements: () => [...elements.values()],
  forget: (element) => watched.get(element)(),
};

// A touch anywhere lets what waits for one play.
document.addEventListener("click", () => elements.forEach((element) => void element.play().catch(() => {})));
// What drives a browser counts as a touch: a page that must have had none comes in by its address alone.
if (asked.has("token")) await join(asked.get("token"), asked.get("socket"));
