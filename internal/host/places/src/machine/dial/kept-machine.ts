import { chmod, lstat, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import * as z from "zod";
import { replaceFile } from "@gatehouse/fs-kit";
import { parseJson, systemCode } from "@gatehouse/std";

/** What a machine keeps of its host: where it is, how it is recognised, and the token. */
export type KeptMachine = {
  /** `tls://HOST:PORT` */
  readonly address: string;
  readonly pin: string | null;
  readonly token: string;
  /** False until the host has welcomed the machine: another code may take its place. */
  readonly isUsed: boolean;
  /** The largest `since` of the hosts that have welcomed the machine; empty if there was none. */
  readonly since: string;
};

const schema = z.object({
  address: z.string(),
  pin: z.string().nullable(),
  token: z.string().min(1),
  isUsed: z.boolean(),
  since: z.string().default(""),
}) satisfies z.ZodType<KeptMachine>;

/** The file with the token, for its owner alone. */
export const machineFileIn = (folder: string): string => join(folder, "machine.json");

/** Reads what a folder keeps; null if it keeps nothing, or nothing that can be read. */
export const readMachine = async (folder: string): Promise<KeptMachine | null> => {
  try {
    return schema.safeParse(parseJson(await readFile(machineFileIn(folder), "utf8"))).data ?? null;
  } catch (error) {
    systemCode(error);
    return null;
  }
};

export const keepMachine = (folder: string, kept: KeptMachine): Promise<void> =>
  replaceFile(machineFileIn(folder), `${JSON.stringify(kept)}\n`, 0o600);

/** Takes other accounts' rights to the token away. True if they had some: they may have read it. */
export const closeMachineFile = async (folder: string): Promise<boolean> => {
  const file = machineFileIn(folder);
  try {
    const stats = await lstat(file);
    // A mounted secret of a Pod is a link.
    if (!stats.isFile() || stats.uid !== process.geteuid?.() || (stats.mode & 0o077) === 0) return false;
    await chmod(file, 0o600);
    return true;
  } catch (error) {
    systemCode(error);
    return false;
  }
};

/** Removes the token, after the host has revoked it. That of a Pod is mounted, and goes with the Pod. */
export const forgetMachine = async (folder: string): Promise<void> => {
  try {
    await rm(machineFileIn(folder), { force: true });
  } catch (error) {
    if (systemCode(error) !== "EBUSY") throw error;
  }
};
