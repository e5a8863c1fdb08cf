import { createHash, randomUUID } from "node:crypto";
import { realpathSync } from "node:fs";
import { hostname } from "node:os";
import process from "node:process";
import type { HostName } from "@gatehouse/intents";

/**
 * Makes the name of this process among the hosts of a database. The prefix stands for the machine and the data
 * folder. A data folder has one host at a time, so all other hosts with the same prefix have ended.
 */
export const hostNameOf = (dataDir: string): HostName => {
  const place = createHash("sha256")
    .update(`${hostname()}\0${realpathSync(dataDir)}`)
    .digest("hex");
  const prefix = `${place.slice(0, 16)}-`;
  return { name: `${prefix}${process.pid}-${randomUUID()}`, prefix };
};

/** An id that distinguishes this data folder's containers from those of other data folders on the machine. */
export const installOf = (dataDir: string): string =>
  createHash("sha256").update(realpathSync(dataDir)).digest("hex").slice(0, 16);
