import { lstatSync, mkdirSync, existsSync } from "node:fs";
import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { replaceFile } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";
import {
  type AgentSide,
  type Committed,
  type TransportResult,
  namedFiles,
  isFolderName,
  safeFileName,
} from "@gatehouse/session-rows/messages";
import type { FileClient } from "./fetch-files.ts";
import { frameIn, runnerFrame, type RunnerFrame } from "../frames.ts";
import { newEntryName, spoolEntries } from "./spool-entries.ts";

/** Work of an earlier agent of the session that its host has not confirmed. */
export type LeftWork = {
  readonly replay: (side: AgentSide) => Promise<TransportResult<Committed>>;
  /** Call it once the host has confirmed the work. */
  readonly remove: () => Promise<void>;
};

/**
 * A private folder that keeps finished work until the host has stored it, so that a kill loses none of it.
 */
export type Spool = {
  /** Files of a message wait here, in a folder named by the message's id, until the message is committed. */
  readonly filesFolder: string;
  /** Work that an earlier agent of the session left, oldest first. */
  readonly left: () => Promise<readonly LeftWork[]>;
  /**
   * The same side of the session, which also works while the host is away. A commit or a stored value counts
   * as done once the host or the spool has it. The spool's entries are then sent until the host accepts them.
   */
  readonly over: <Side extends AgentSide>(side: Side) => Side;
};

/**
 * A connected host answers within this time; then the commit is on the host's disk and needs no file here. ms
 */
const answerMs = 100;
/** Wait before refused work is sent again, ms. */
const againMs = 1_000;

const done: TransportResult<null> = { ok: true, value: null };

/**
 * Opens the spool in this folder, and creates the folder. Each entry is one file, written completely or not
 * at all. If other accounts may enter the folder, nothing is stored there and nothing in it is trusted. Files
 * of messages are sent to the host before the messages that name them.
 */
export const openSpool = (folder: string, files: Pick<FileClient, "put">): Spool => {
  const isOurs = madeAsOurs(folder);
  const staged = join(folder, "files");
  const replay = replaying(staged, files);
  let count = 0;
  const keep = async (entry: Entry): Promise<string | null> => {
    if (!isOurs) return null;
    count += 1;
    const name = newEntryName(count);
    await writeWhole(folder, name, JSON.stringify(entry));
    return name;
  };

  const replayLater = async (
    first: Promise<TransportResult<Committed>>,
    entry: Entry,
    side: AgentSide,
    name: string,
  ): Promise<void> => {
    for (let result = await first; ; result = await replay(side, entry)) {
      if (result.ok) return rm(join(folder, name), { force: true });
      // This side is closed. The next agent sends the work.
      if (result.error.code !== "unwritable") return;
      await pause(againMs);
    }
  };

  const durably = async (side: AgentSide, entry: Entry): Promise<TransportResult<null>> => {
    const answer = replay(side, entry);
    const isAnswered = await answersSoon(answer);
    // If the entry cannot be stored, wait for the host.
    const name = isAnswered ? null : await keep(entry).catch(() => null);
    // Finished work claims nothing, so it meets no withdrawn message.
    if (name === null) return withoutValue(await answer);
    void replayLater(answer, entry, side, name).catch(() => {});
    return done;
  };

  return {
    filesFolder: staged,
    left: async () => (isOurs ? leftIn(folder, replay) : []),
    over: (side) => ({
      ...side,
      commit: (work) =>
        isDone(work) ? durably(side, { type: "commit", id: 0, ...work }) : side.commit(work),
      // The current tool is of no use later, so it is not stored here.
      setTool: async (tool, now) => {
        const answer = side.setTool(tool, now);
        return (await answersSoon(answer)) ? answer : done;
      },
      set: (key, value, now) => durably(side, { type: "set", id: 0, key, value, now }),
    }),
  };
};

const withoutValue = (result: TransportResult<unknown>): TransportResult<null> => (result.ok ? done : result);

const leftIn = async (folder: string, replay: Replay): Promise<readonly LeftWork[]> => {
  const paths = (await spoolEntries(folder)).map(({ name }) => join(folder, name));
  const entries = await Promise.all(paths.map(entryIn));
  return paths.flatMap((path, index): readonly LeftWork[] => {
    const entry = entries[index] ?? null;
    if (entry === null) return [];
    const remove = () => rm(path, { force: true });
    return [{ replay: (side) => replay(side, entry), remove }];
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

/** Whether the commit ends a message or sends one. A claim alone is of no use to the next agent. */
const isDone = ({ acknowledgements, messages }: Parameters<AgentSide["commit"]>[0]): boolean =>
  messages.length > 0 || acknowledgements.some(({ status }) => status !== "processing");

/** Null if the file is missing, or is not an entry: an agent could have written it. */
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
  await replaceFile(join(folder, name), text);
  const opened = await open(folder, "r");
  await opened.sync().finally(() => opened.close());
};

type Work = Parameters<AgentSide["commit"]>[0];

/** Work that an agent has done, in the form of its frame. */
type Entry = Extract<RunnerFrame, { readonly type: "commit" | "set" }>;

type Replay = (side: AgentSide, entry: Entry) => Promise<TransportResult<Committed>>;

/**
 * Sends work to the host: first the files of a message, which are in the folder `staged`, then the message
 * that names them.
 */
const replaying =
  (staged: string, files: Pick<FileClient, "put">): Replay =>
  async (side, entry) => {
    if (entry.type === "set") return side.set(entry.key, entry.value, entry.now);
    const messages = entry.messages.filter(({ content }) => namedFiles(content).length > 0);
    if (messages.length === 0) return side.commit(entry);
    const given = await giveFiles(staged, files, messages);
    const result = given.ok ? await side.commit(entry) : given;
    if (result.ok) await removeFiles(staged, messages);
    return result;
  };

/**
 * A file that the host refuses permanently is left out; the host then tells the agent that the file is
 * missing.
 */
const giveFiles = async (
  staged: string,
  files: Pick<FileClient, "put">,
  messages: Work["messages"],
): Promise<TransportResult<null>> => {
  for (const { id, content } of messages)
    for (const { name } of namedFiles(content)) {
      const path = join(staged, id, name);
      if (!isFolderName(id) || safeFileName(name) !== name || !existsSync(path)) continue;
      const put = await files.put(id, name, path);
      if (!put.ok && put.error.code !== "unreadable") return put;
    }
  return { ok: true, value: null };
};

const removeFiles = async (staged: string, messages: Work["messages"]): Promise<void> => {
  for (const { id } of messages)
    if (isFolderName(id)) await rm(join(staged, id), { recursive: true, force: true });
};
