/**
 * The address at which agents dial their host: `unix:PATH` or `tls://HOST:PORT`, with the pin of its
 * certificate if one is needed.
 */
export type DialPlace = { readonly address: string; readonly pin: string | null };

/** What a connection by TLS is for: the names (ALPN) that a runner offers, and that one port serves. */
export const protocols = {
  wire: "gatehouse-wire",
  gateway: "gatehouse-gateway",
  machine: "gatehouse-machine",
} as const;

/** The address at which a runner dials its host. */
export type WireAddress =
  | { readonly type: "unix"; readonly path: string }
  | { readonly type: "tls"; readonly host: string; readonly port: number };

/** Parses `unix:PATH` or `tls://HOST:PORT`. Null for any other text: plain TCP is never used. */
export const wireAddressOf = (text: string): WireAddress | null => {
  if (text.startsWith("unix:/")) return { type: "unix", path: text.slice("unix:".length) };
  const [, ipv6, name, port = ""] = /^tls:\/\/(?:\[([\da-fA-F:.]+)\]|([\w.-]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = ipv6 ?? name;
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return null;
  return { type: "tls", host, port: Number(port) };
};
