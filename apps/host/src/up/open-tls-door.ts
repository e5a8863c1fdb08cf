import type { Failure } from "@gatehouse/cli-kit";
import type { DialPlace } from "@gatehouse/sessions";
import {
  listenOnTls,
  ownTlsIdentity,
  tlsIdentityIn,
  type TlsDoor,
  type TlsFiles,
} from "@gatehouse/socket-server";
import type { Result } from "@gatehouse/std";

/** How agents of other machines reach a host. */
export type Listen = {
  readonly host: string;
  readonly port: number;
  /** Default: a certificate of ours. */
  readonly tls?: TlsFiles;
  /** Where agents of this host dial: its Unix socket by default; `tls` for the port, or a `tls://HOST:PORT`. */
  readonly dial?: string;
};

/** Connections at once. */
const maxConnections = 10_000;

/** Listens for agents by TLS. `dial` is null where this host's own agents use the Unix socket. */
export const openTlsDoor = async (
  dataDir: string,
  { host, port, tls, dial }: Listen,
  report: (error: unknown) => void,
): Promise<Result<{ readonly door: TlsDoor; readonly dial: DialPlace | null }, Failure>> => {
  const now = new Date();
  const identity = await (tls === undefined ? ownTlsIdentity(dataDir, now) : tlsIdentityIn(tls, now));
  if (!identity.ok) return identity;
  const door = await listenOnTls({ host, port, identity: identity.value, maxConnections, report });
  if (!door.ok) return door;
  const here = `tls://${host.includes(":") ? `[${host}]` : host}:${door.value.port}`;
  const address = dial === "tls" ? here : dial;
  return {
    ok: true,
    value: { door: door.value, dial: address === undefined ? null : { address, pin: identity.value.pin } },
  };
};
