// A participant in Node, on werift (TypeScript) or @roamhq/wrtc (libwebrtc): node node_client.mjs LIBRARY URL TOKEN
//
// Joins, publishes, sends one data message, and prints what it has received as one JSON line every 200 ms, until its
// standard input ends; then it leaves.
import { createRequire } from "node:module";
import WebSocket from "ws";

const [library, url, token] = process.argv.slice(2);
const received = { messages: [], audio: 0, video: 0, colour: null, toneHz: 0, state: "new", leg: null };

const socket = new WebSocket(url, "visavis.v1");
const waiting = new Map();
let nextId = 1;
socket.on("message", (data) => {
  const message = JSON.parse(data.toString());
  if (message.type === "connection") received.leg = message.state;
  const settle = waiting.get(message.id);
  if (!settle) return;
  waiting.delete(message.id);
  if (message.type === "error") settle.reject(new Error(`${message.code}: ${message.words}`));
  else settle.resolve(message);
});
await new Promise((resolve, reject) => {
  socket.once("open", resolve);
  socket.once("error", reject);
});

function request(type, fields) {
  const id = nextId++;
  socket.send(JSON.stringify({ type, id, ...fields }));
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

await request("join", { token, client: library });
const clients = { werift: weriftClient, wrtc: wrtcClient };
const { connection, channel, sources } = await clients[library]();
connection.onconnectionstatechange = () => (received.state = connection.connectionState);
const say = () => channel.send(JSON.stringify({ to: "all", type: "hello", body: library }));
channel.onopen = say;
channel.onmessage = ({ data }) => received.messages.push(JSON.parse(data.toString()));

await connection.setLocalDescription(await connection.createOffer());
const tracks = Object.fromEntries(sources().map(([mid, source]) => [mid, source]));
const { sdp } = await request("offer", { sdp: connection.localDescription.sdp, fresh: true, tracks });
await connection.setRemoteDescription({ type: "answer", sdp });
await request("publish", { tracks });

setInterval(() => console.log(JSON.stringify(received)), 200);
process.stdin.on("end", async () => {
  await request("leave");
  process.exit(0);
});
process.stdin.resume();

/** Sends ready-made Opus packets and counts RTP packets: werift has no codecs. */
async function weriftClient() {
  const { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters, RtpHeader, RtpPacket } = await import("werift");
  const connection = new RTCPeerConnection({
    codecs: {
      audio: [new RTCRtpCodecParameters({ mimeType: "audio/opus", clockRate: 48_000, channels: 2 })],
      video: [new RTCRtpCodecParameters({ mimeType: "video/VP8", clockRate: 90_000 })],
    },
  });
  const track = new MediaStreamTrack({ kind: "audio" });
  const audio = connection.addTransceiver(track, { direction: "sendrecv" });
  const video = connection.addTransceiver("video", { direction: "recvonly" });
  for (const transceiver of [audio, video]) {
    transceiver.onTrack.subscribe((incoming) => {
      incoming.onReceiveRtp.subscribe(() => received[incoming.kind]++);
    });
  }
  // 20 ms of silence in CELT, full band, mono (RFC 6716 §3.1).
  const silence = Buffer.from([0xf8, 0xff, 0xfe]);
  let [sequenceNumber, timestamp] = [1, 0];
  setInterval(() => {
    sequenceNumber = (sequenceNumber + 1) & 0xffff;
    timestamp = (timestamp + 960) >>> 0;
    track.writeRtp(new RtpPacket(new RtpHeader({ payloadType: 96, sequenceNumber, timestamp, ssrc: 1 }), silence));
  }, 20);
  return {
    connection,
    channel: connection.createDataChannel("visavis"),
    sources: () => [[audio.mid, "microphone"]],
  };
}

/** Sends a tone and a colour, and looks at what it decodes. */
async function wrtcClient() {
  const { RTCPeerConnection, nonstandard } = createRequire(import.meta.url)("@roamhq/wrtc");
  const { RTCAudioSink, RTCAudioSource, RTCVideoSink, RTCVideoSource, rgbaToI420 } = nonstandard;
  const connection = new RTCPeerConnection();
  connection.ontrack = ({ track }) => {
    if (track.kind === "video") {
      new RTCVideoSink(track).onframe = ({ frame }) => {
        received.video++;
        const middle = (frame.width * frame.height + frame.width) >> 1;
        received.colour = [frame.data[middle], frame.width, frame.height];
      };
    } else {
      new RTCAudioSink(track).ondata = ({ samples, sampleRate, channelCount }) => {
        received.audio++;
        let rising = 0;
        for (let index = channelCount; index < samples.length; index += channelCount) {
          if (samples[index - channelCount] < 0 && samples[index] >= 0) rising++;
        }
        received.toneHz = (rising * sampleRate * channelCount) / samples.length;
      };
    }
  };
  const [sound, picture] = [new RTCAudioSource(), new RTCVideoSource()];
  const audio = connection.addTransceiver(sound.createTrack(), { direction: "sendrecv" });
  const video = connection.addTransceiver(picture.createTrack(), { direction: "sendrecv" });

  let played = 0;
  setInterval(() => {
    const samples = new Int16Array(480);
    for (let index = 0; index < 480; index++) {
      samples[index] = 12_000 * Math.sin((2 * Math.PI * 1250 * (played + index)) / 48_000);
    }
    played += 480;
    sound.onData({ samples, sampleRate: 48_000, bitsPerSample: 16, channelCount: 1, numberOfFrames: 480 });
  }, 10);
  const [width, height] = [160, 96];
  const rgba = { width, height, data: new Uint8ClampedArray(width * height * 4) };
  for (let index = 0; index < rgba.data.length; index += 4) rgba.data.set([40, 150, 50, 255], index);
  const frame = { width, height, data: new Uint8ClampedArray((width * height * 3) / 2) };
  rgbaToI420(rgba, frame);
  setInterval(() => picture.onFrame(frame), 100);
  return {
    connection,
    channel: connection.createDataChannel("visavis"),
    sources: () => [
      [audio.mid, "microphone"],
      [video.mid, "camera"],
    ],
  };
}
