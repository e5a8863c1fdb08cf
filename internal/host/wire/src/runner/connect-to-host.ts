import { createHash, timingSafeEqual } from "node:crypto";
import { connect, isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { protocols, type WireAddress } from "../wire-address.ts";

/**
 * Opens a stream to a host. With TLS, the host is verified by its pin, `sha256/` and the SHA-256 of its
 * public key in base64url; without a pin, by the name in a certificate that an authority has signed. Proxies
 * in the environment are ignored. `use` names what the stream is for.
 */
export const connectToHost = (
  address: WireAddress,
  pin: string | null,
  use: keyof typeof protocols = "wire",
): Duplex => {
  if (address.type === "unix") return connect(address.path);
  const { host, port } = address;
  const stream = connectTls({
    host,
    port,
    minVersion: "TLSv1.3",
    ALPNProtocols: [protocols[use]],
    ...(isIP(host) === 0 ? { servername: host } : {}),
    // The pin is checked below, before any data of the caller is sent.
    rejectUnauthorized: pin === null,
  });
  if (pin !== null)
    stream.once("secureConnect", () => {
      if (!hasPin(stream, pin)) stream.destroy(new WrongPin(`${host}:${port}`));
    });
  return stream;
};

class WrongPin extends Error {
  readonly code = "wrong-pin";
  constructor(at: string) {
    super(`the key of the host at ${at} does not match this runner's pin`);
  }
}

const hasPin = (stream: TLSSocket, pin: string): boolean => {
  const key = stream.getPeerX509Certificate()?.publicKey.export({ type: "spki", format: "der" });
  if (key === undefined) return false;
  const found = Buffer.from(`sha256/${createHash("sha256").update(key).digest("base64url")}`);
  const wanted = Buffer.from(pin);
  return found.length === wanted.length && timingSafeEqual(found, wanted);
};
