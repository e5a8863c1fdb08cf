import { Buffer } from "node:buffer";
import { wireAddressOf, type WireAddress } from "@gatehouse/wire/runner";

/** What `gatehouse machine run CODE` needs to know: where the host is, how it is recognised, and the code that it takes once. */
export type Invitation = {
  /** `tls://HOST:PORT` */
  readonly address: string;
  /** The pin of the host's certificate; null for one of an authority. */
  readonly pin: string | null;
  readonly code: string;
};

/** The text of an invitation, one word for a command line. */
export const invitationText = ({ address, pin, code }: Invitation): string =>
  Buffer.from([address, pin ?? "", code].join("\n")).toString("base64url");

/** Reads the text of an invitation; null if it is none, or was cut. */
export const invitationIn = (text: string): (Invitation & { readonly place: WireAddress }) | null => {
  const parts = Buffer.from(text.trim(), "base64url").toString("utf8").split("\n");
  const [address = "", pin = "", code = ""] = parts;
  const place = wireAddressOf(address);
  const isWhole = parts.length === 3 && /^[\w-]{32}$/.test(code) && /^$|^sha256\/[\w-]{43}$/.test(pin);
  return place?.type === "tls" && isWhole ? { address, pin: pin === "" ? null : pin, code, place } : null;
};
