import { hostname } from "node:os";
import type { Failure } from "@gatehouse/cli-kit";
import {
  listenOnTls,
  ownTlsIdentity,
  tlsIdentityIn,
  type TlsDoor,
  type TlsFiles,
} from "@gatehouse/socket-server";
import type { MachineDoor } from "@gatehouse/places/machine";
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

/** Addresses to listen on, that no other machine can dial. */
const anyAddress: readonly string[] = ["0.0.0.0", "::"];

/** The limit on concurrent connections. */
const maxConnections = 10_000;

/** The TLS port, and how others find it. */
export type OpenDoor = {
  readonly door: TlsDoor;
  /** Null if this host's own agents use the Unix socket. */
  readonly dial: DialPlace | null;
  readonly machineDoor: MachineDoor;
};

/** Listens for agents and machines by TLS. */
export const openTlsDoor = async (
  dataDir: string,
  { host, port, tls, dial }: Listen,
  report: (error: unknown) => void,
): Promise<Result<OpenDoor, Failure>> => {
  const now = new Date();
  const identity = await (tls === undefined ? ownTlsIdentity(dataDir, now) : tlsIdentityIn(tls, now));
  if (!identity.ok) return identity;
  const listened = { host, port, identity: identity.value, protocols: Object.values(protocols) };
  const door = await listenOnTls({ ...listened, maxConnections, report });
  if (!door.ok) return door;
  const { pin } = identity.value;
  const at = (name: string): string => `${name.includes(":") ? `[${name}]` : name}:${door.value.port}`;
  const address = dial === "tls" ? `tls://${at(host)}` : dial;
  return {
    ok: true,
    value: {
      door: door.value,
      dial: address === undefined ? null : { address, pin },
      machineDoor: { address: at(anyAddress.includes(host) ? hostname() : host), pin },
    },
  };
};
