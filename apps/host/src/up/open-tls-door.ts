import type { Failure } from "@gatehouse/cli-kit";
import {
  listenOnTls,
  ownTlsIdentity,
  tlsIdentityIn,
  type TlsDoor,
  type TlsFiles,
} from "@gatehouse/socket-server";
import type { Result } from "@gatehouse/std";
import { protocols, type DialPlace } from "@gatehouse/wire";

/** The address to which agents of other machines connect. */
export type Listen = {
  readonly host: string;
  readonly port: number;
  /** The certificate. Default: a certificate that the host makes. */
  readonly tls?: TlsFiles;
  /** The address for this host's own agents: `tls` for this port, or `tls://HOST:PORT`. Default: the Unix socket. */
  readonly dial?: string;
};

/** The limit on concurrent connections. */
const maxConnections = 10_000;

/** Listens for agents by TLS. The returned `dial` is null if this host's own agents use the Unix socket. */
export const openTlsDoor = async (
  dataDir: string,
  { host, port, tls, dial }: Listen,
  report: (error: unknown) => void,
): Promise<Result<{ readonly door: TlsDoor; readonly dial: DialPlace | null }, Failure>> => {
  const now = new Date();
  const identity = await (tls === undefined ? ownTlsIdentity(dataDir, now) : tlsIdentityIn(tls, now));
  if (!identity.ok) return identity;
  const listened = { host, port, identity: identity.value, protocols: Object.values(protocols) };
  const door = await listenOnTls({ ...listened, maxConnections, report });
  if (!door.ok) return door;
  const here = `tls://${host.includes(":") ? `[${host}]` : host}:${door.value.port}`;
  const address = dial === "tls" ? here : dial;
  return {
    ok: true,
    value: { door: door.value, dial: address === undefined ? null : { address, pin: identity.value.pin } },
  };
};
