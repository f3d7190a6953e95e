/** One enlarged camera by WHEP: the lowest delay, H.264 only. Whatever does not fit takes the socket. */
import { limit, request } from "@/api/client";

export type Whep =
  | { kind: "live"; stream: MediaStream; peer: RTCPeerConnection; close: () => void }
  | { kind: "needs_socket"; why: string }
  | { kind: "aborted" };

const GATHER_MS = 1_000;
const CONNECT_MS = 4_000;
/** A hub that does not answer keeps no connection open here. */
const END_MS = 2_000;

/** The codec that an answer settled on for its video: the first payload type of the `m=` line. */
export function answeredCodec(sdp: string): string | null {
  const first = /^m=video (\d+) \S+ (\d+)/m.exec(sdp);
  if (!first || first[1] === "0") return null;
  const named = new RegExp(`^a=rtpmap:${first[2]} ([\\w-]+)/`, "m").exec(sdp);
  return named?.[1]?.toUpperCase() ?? null;
}

/** Only H.264 among what the browser can receive (and what repairs it). */
export function h264Only(codecs: readonly RTCRtpCodec[]): RTCRtpCodec[] {
  return codecs.filter((codec) => codec.mimeType === "video/H264" || codec.mimeType === "video/rtx");
}

/** Watch a camera; `signal` calls it off. The caller closes what it was given. */
export async function watch(camera: string, reason: string, signal: AbortSignal): Promise<Whep> {
  const codecs = h264Only(globalThis.RTCRtpReceiver?.getCapabilities("video")?.codecs ?? []);
  if (!codecs.some((codec) => codec.mimeType === "video/H264")) return { kind: "needs_socket", why: "no_h264" };
  const peer = new RTCPeerConnection();
  const transceiver = peer.addTransceiver("video", { direction: "recvonly" });
  const offer = await offered(peer, transceiver, codecs).catch(() => null);
  if (offer === null) {
    peer.close();
    return { kind: "needs_socket", why: "no_offer" };
  }
  const answer = await post(camera, reason, offer, signal);
  // First the hub is told: it takes a closed connection for one that ended by itself.
  const end = async () => {
    transceiver.receiver.track.stop();
    try {
      if (answer.kind !== "ok" || !answer.location) return;
      await request(answer.location, { method: "DELETE", keepalive: true, signal: limit(END_MS) });
    } finally {
      peer.close();
    }
  };
  if (answer.kind === "aborted" || signal.aborted) {
    void end();
    return { kind: "aborted" };
  }
  const why = answer.kind === "refused" ? answer.code : await settled(peer, answer.sdp).catch(() => "bad_answer");
  if (why) {
    void end();
    return { kind: "needs_socket", why };
  }
  return { kind: "live", stream: new MediaStream([transceiver.receiver.track]), peer, close: () => void end() };
}

async function offered(peer: RTCPeerConnection, transceiver: RTCRtpTransceiver, codecs: RTCRtpCodec[]): Promise<string> {
  transceiver.setCodecPreferences(codecs);
  await peer.setLocalDescription(await peer.createOffer());
  await gathered(peer);
  return peer.localDescription?.sdp ?? "";
}

type Posted = { kind: "ok"; sdp: string; location: string | null } | { kind: "refused"; code: string } | { kind: "aborted" };

async function post(camera: string, reason: string, sdp: string, signal: AbortSignal): Promise<Posted> {
  const address = `/api/v1/live/${encodeURIComponent(camera)}/whep?reason=${reason}`;
  try {
    const response = await fetch(address, {
      method: "POST",
      body: sdp,
      headers: { "Content-Type": "application/sdp" },
      credentials: "same-origin",
      signal,
    });
    if (response.status === 201) return { kind: "ok", sdp: await response.text(), location: response.headers.get("location") };
    const said = (await response.json().catch(() => ({}))) as { code?: string };
    return { kind: "refused", code: said.code ?? `http_${response.status}` };
  } catch {
    return signal.aborted ? { kind: "aborted" } : { kind: "refused", code: "unreachable" };
  }
}

/** Take the answer and wait for the connection; returns why it cannot be used, or nothing. Rejects what is no answer. */
async function settled(peer: RTCPeerConnection, sdp: string): Promise<string> {
  // A hub that does not name H.264 would send something the browser takes for another codec.
  if (answeredCodec(sdp) !== "H264") return "other_codec";
  await peer.setRemoteDescription({ type: "answer", sdp });
  const state = await until(peer, "connectionstatechange", CONNECT_MS, () => !["new", "connecting"].includes(peer.connectionState));
  return state && peer.connectionState === "connected" ? "" : "not_connected";
}

async function gathered(peer: RTCPeerConnection): Promise<void> {
  await until(peer, "icegatheringstatechange", GATHER_MS, () => peer.iceGatheringState === "complete");
}

function until(peer: RTCPeerConnection, event: string, limitMs: number, done: () => boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      peer.removeEventListener(event, look);
      resolve(done());
    };
    const look = () => {
      if (done()) end();
    };
    const timer = setTimeout(end, limitMs);
    peer.addEventListener(event, look);
    look();
  });
}
