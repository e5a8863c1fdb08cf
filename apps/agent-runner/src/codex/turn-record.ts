import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "@gatehouse/fs-kit";
import { parseJson } from "@gatehouse/std";
import { textIfThere } from "../files.ts";
import type { Prompt, TurnTools } from "../provider.ts";
import { codexHome } from "./codex-files.ts";

/**
 * What the runner knows of one batch, in a file, so that the next runner knows it after a kill. Codex chooses the id of
 * a thread, and keeps no command that was running when it was killed.
 */
export type TurnRecord = {
  /** The thread that was begun for the batch; null for a batch of an older one. */
  readonly thread: string | null;
  /** The tools that were allowed in the turn: each may have run. */
  readonly allowed: readonly { readonly tool: string; readonly input: unknown }[];
};

/** One turn in a thread that Codex has open. */
export type Turn = {
  readonly prompt: Prompt;
  readonly tools: TurnTools;
  readonly threadId: string;
  /** The text of the prompt as Codex gets it. */
  readonly text: string;
  readonly record: TurnRecord;
  readonly keepRecord: (record: TurnRecord) => Promise<void>;
};

const nothing: TurnRecord = { thread: null, allowed: [] };

const folderOf = (folder: string): string => join(codexHome(folder), "turns");

/** Reads the record of a batch. */
export const readTurnRecord = async (folder: string, batch: string): Promise<TurnRecord> => {
  const text = await textIfThere(join(folderOf(folder), `${batch}.json`));
  const json = text === null ? null : (parseJson(text) as Partial<TurnRecord> | null | undefined);
  return { ...nothing, ...json };
};

/** Keeps the record of a batch, and only this one: no earlier batch comes again. Resolves before a kill can lose it. */
export const keepTurnRecord = async (folder: string, batch: string, record: TurnRecord): Promise<void> => {
  const path = folderOf(folder);
  await mkdir(path, { recursive: true, mode: 0o700 });
  await replaceFile(join(path, `${batch}.json`), JSON.stringify(record));
  for (const name of await readdir(path))
    if (!name.startsWith(batch)) await rm(join(path, name), { recursive: true, force: true });
};
