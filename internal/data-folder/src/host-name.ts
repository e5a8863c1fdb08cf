import { createHash, randomUUID } from "node:crypto";
import { realpathSync } from "node:fs";
import { hostname } from "node:os";
import process from "node:process";
import type { HostName } from "@gatehouse/control-plane";

/**
 * Names this process among the hosts of a database. A data folder of a machine has one host at a time, so other
 * processes with the same prefix are gone.
 */
export const hostNameOf = (dataDir: string): HostName => {
  const place = createHash("sha256")
    .update(`${hostname()}\0${realpathSync(dataDir)}`)
    .digest("hex");
  const prefix = `${place.slice(0, 16)}-`;
  return { name: `${prefix}${process.pid}-${randomUUID()}`, prefix };
};
