import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Failure } from "@gatehouse/cli-kit";
import { readPlainFile, replaceFile } from "@gatehouse/fs-kit";
import { oneLine, parseJson, shellWord, systemCode } from "@gatehouse/std";

/** The file that marks a data folder as a copy of another host's, until a person says which of the two goes on. */
const restoredFileIn = (dataDir: string): string => join(dataDir, "restored.json");

/** The host that a copy was made of: `alpha:/srv/gatehouse`, and when, ISO 8601 in UTC. */
export type RestoredFrom = { readonly from: string; readonly createdAt: string };

/** Marks a folder as a copy. Throws system errors. */
export const markRestored = (dataDir: string, { from, createdAt }: RestoredFrom): Promise<void> =>
  replaceFile(restoredFileIn(dataDir), `${JSON.stringify({ from, createdAt })}\n`);

/** Removes the mark. Throws system errors. */
export const unmarkRestored = (dataDir: string): Promise<void> =>
  rm(restoredFileIn(dataDir), { force: true });

/** Why no host may start in a folder that was restored: two hosts would answer for one. Null for any other folder. */
export const restoredProblem = async (dataDir: string): Promise<Failure | null> => {
  const from = await restoredFrom(dataDir);
  if (from === null) return null;
  const named = `--data ${shellWord(dataDir)}`;
  return {
    code: "restored-copy",
    message: `${dataDir} was restored from a backup${from}. Two hosts of one copy would both use its bots, machines and keys, and answer each message twice, so say first which of them goes on.`,
    fix: `if that host is gone for good: gatehouse up --in-place-of ${named}; if it goes on: gatehouse restore FILE --beside --data NEW makes a host without its bots, machines and keys`,
  };
};

/** A clause; empty for a torn mark. Null without a mark. */
const restoredFrom = async (dataDir: string): Promise<string | null> => {
  try {
    const value = parseJson(await readPlainFile(restoredFileIn(dataDir))) as Partial<RestoredFrom> | null;
    const { from, createdAt } = value ?? {};
    return typeof from === "string" && typeof createdAt === "string"
      ? ` of ${oneLine(from)} (${oneLine(createdAt)})`
      : "";
  } catch (error) {
    return systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR" ? null : "";
  }
};
