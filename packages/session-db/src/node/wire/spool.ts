import { lstatSync, mkdirSync } from "node:fs";
import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { systemCode } from "@gatehouse/std";
import type { AgentEnd, TransportResult } from "../../transport.ts";
import type { FileClient } from "./fetch-files.ts";
import { frameIn, runnerFrame } from "../../wire/frames.ts";
import { handingOver, type Entry, type HandOver } from "./hand-over.ts";
import { newEntryName, spoolEntries } from "./spool-entries.ts";

/** Something that an earlier agent of the session had done, and of which its host did not say that it has it. */
export type LeftWork = {
  readonly handOver: (end: AgentEnd) => Promise<TransportResult<null>>;
  /** Call it once the host has it. */
  readonly remove: () => Promise<void>;
};

/** A private folder for work that is done, until the host has it on disk: a kill takes none of it. */
export type Spool = {
  /** Where the files of a message wait, in a folder of its id, until the message is committed. */
  readonly filesFolder: string;
  /** What an earlier agent of the session left, oldest first. */
  readonly left: () => Promise<readonly LeftWork[]>;
  /**
   * The same side of the session, which goes on while the host is away: what it commits and keeps is done once the
   * host has it, or the spool. Then it is handed over until the host takes it.
   */
  readonly over: (end: AgentEnd) => AgentEnd;
};

/** A host that is there answers sooner: then a commit is on its disk, and costs none of ours. ms */
const answerMs = 100;
/** Before something is handed over again that the host refused, ms. */
const againMs = 1_000;

const done: TransportResult<null> = { ok: true, value: null };

/**
 * Opens the spool in this folder, which is made. Each entry is one file, written whole or not at all. In a folder that
 * is not this account's alone nothing is kept, and nothing is believed. Files of messages are given to the host before
 * the messages that name them.
 */
export const openSpool = (folder: string, files: Pick<FileClient, "put">): Spool => {
  const isOurs = madeAsOurs(folder);
  const staged = join(folder, "files");
  const handOver = handingOver(staged, files);
  let count = 0;
  const keep = async (entry: Entry): Promise<string | null> => {
    if (!isOurs) return null;
    count += 1;
    const name = newEntryName(count);
    await writeWhole(folder, name, JSON.stringify(entry));
    return name;
  };

  const handOverLater = async (
    first: Promise<TransportResult<null>>,
    entry: Entry,
    end: AgentEnd,
    name: string,
  ): Promise<void> => {
    for (let result = await first; ; result = await handOver(end, entry)) {
      if (result.ok) return rm(join(folder, name), { force: true });
      // Over: the next agent hands it over.
      if (result.error.code !== "unwritable") return;
      await pause(againMs);
    }
  };

  const durably = async (end: AgentEnd, entry: Entry): Promise<TransportResult<null>> => {
    const answer = handOver(end, entry);
    const isAnswered = await answersSoon(answer);
    // Where there is no room for it, the host is waited for.
    const name = isAnswered ? null : await keep(entry).catch(() => null);
    if (name === null) return answer;
    void handOverLater(answer, entry, end, name).catch(() => {});
    return done;
  };

  return {
    filesFolder: staged,
    left: async () => (isOurs ? leftIn(folder, handOver) : []),
    over: (end) => ({
      ...end,
      commit: (work) => (isDone(work) ? durably(end, { type: "commit", id: 0, ...work }) : end.commit(work)),
      // Worth nothing later: it is not waited for.
      setTool: async (tool, now) => {
        const answer = end.setTool(tool, now);
        return (await answersSoon(answer)) ? answer : done;
      },
      set: (key, value, now) => durably(end, { type: "set", id: 0, key, value, now }),
    }),
  };
};

const leftIn = async (folder: string, handOver: HandOver): Promise<readonly LeftWork[]> => {
  const paths = (await spoolEntries(folder)).map(({ name }) => join(folder, name));
  const entries = await Promise.all(paths.map(entryIn));
  return paths.flatMap((path, index): readonly LeftWork[] => {
    const entry = entries[index] ?? null;
    if (entry === null) return [];
    const remove = () => rm(path, { force: true });
    return [{ handOver: (end) => handOver(end, entry), remove }];
  });
};

const madeAsOurs = (folder: string): boolean => {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = lstatSync(folder);
    return (mode & 0o170077) === 0o040000 && (process.getuid === undefined || uid === process.getuid());
  } catch (error) {
    systemCode(error);
    return false;
  }
};

const answersSoon = async (answer: Promise<unknown>): Promise<boolean> => {
  const answered = new AbortController();
  const late = pause(answerMs, false, { signal: answered.signal }).catch(() => true);
  const isAnswered = await Promise.race([answer.then(() => true), late]);
  answered.abort();
  return isAnswered;
};

/** Whether it ends a message or sends one. A claim alone is worth nothing to the next agent. */
const isDone = ({ acknowledgements, messages }: Parameters<AgentEnd["commit"]>[0]): boolean =>
  messages.length > 0 || acknowledgements.some(({ status }) => status !== "processing");

/** Null for a file that is gone, or is none of ours: an agent could have put it there. */
const entryIn = async (path: string): Promise<Entry | null> => {
  try {
    const frame = frameIn(await readFile(path, "utf8"), runnerFrame);
    return frame?.type === "commit" || frame?.type === "set" ? frame : null;
  } catch (error) {
    systemCode(error);
    return null;
  }
};

const writeWhole = async (folder: string, name: string, text: string): Promise<void> => {
  const aside = join(folder, `${name}.part`);
  const file = await open(aside, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(aside, join(folder, name));
  const opened = await open(folder, "r");
  await opened.sync().finally(() => opened.close());
};
