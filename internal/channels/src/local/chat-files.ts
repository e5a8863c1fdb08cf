import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "@gatehouse/fs-kit";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { isFolderName, safeFileNames } from "@nc/session-db";
import type { Attachment } from "../channel.ts";

/** A file of a message, as its line names it. */
export type FileEntry = {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
};

/**
 * The files of local chats: `in/<message>/<number>` from people, until the host has them for good,
 * `out/<message>/<name>` to people, with an empty file `fetched/<message>` once a client has copies. The files
 * of a message are there all or none.
 */
export type ChatFiles = {
  /** A folder of its own for what is not whole yet. */
  readonly beginAside: () => Promise<string>;
  /** Puts the files of a person's message in their place. If they are there already, those stay. */
  readonly take: (aside: string, messageId: string) => Promise<void>;
  /** The files of a person's message. */
  readonly attachmentsOf: (messageId: string, files: readonly FileEntry[]) => readonly Attachment[];
  /** Removes them: the host has them. */
  readonly forget: (messageId: string) => Promise<void>;
  /** Keeps the files of a message to a chat. The error is a sentence. */
  readonly keep: (
    messageId: string,
    attachments: readonly Attachment[],
  ) => Promise<Result<readonly FileEntry[], string>>;
  /** Where a file of a message to a chat is. */
  readonly pathOf: (messageId: string, name: string) => string;
  /** Notes that a client has copies of the files of a message to a chat. */
  readonly fetched: (messageId: string) => Promise<void>;
  /**
   * Removes what an earlier host left, and what chats need no more: files that were fetched, and those of 30 days
   * ago. `isNeeded`: null where nothing is known of a person's message.
   */
  readonly sweep: (isNeeded: (messageId: string) => Promise<boolean | null>) => Promise<void>;
};

/** Younger entries may belong to another host, ms. */
const leftMs = 24 * 3600 * 1000;

/** Files to people that nobody fetches are kept for this long, ms. */
const keptMs = 30 * 24 * 3600 * 1000;

/** Another client of the chat, which waits for its host, may come for what this one fetched, ms. */
const sharedMs = 10 * 60 * 1000;

export const chatFiles = (folder: string): ChatFiles => {
  const [incoming, outgoing, asides, marks] = (["in", "out", "aside", "fetched"] as const).map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  const pathOf: ChatFiles["pathOf"] = (messageId, name) => join(outgoing, folderOf(messageId), name);
  const beginAside = async (): Promise<string> => {
    const aside = join(asides, randomUUID());
    await makeFolder(aside, 0o700);
    return aside;
  };
  return {
    beginAside,
    pathOf,
    take: (aside, messageId) => putInPlace(aside, incoming, messageId),
    attachmentsOf: (messageId, files) =>
      files.map(({ name, size }, index) => {
        const path = join(incoming, folderOf(messageId), String(index));
        return { name, size, content: () => bytesIn(path) };
      }),
    forget: (messageId) => rm(join(incoming, folderOf(messageId)), { recursive: true, force: true }),
    keep: async (messageId, attachments) => {
      if (attachments.length === 0) return ok([]);
      const names = safeFileNames(attachments.map(({ name }) => name));
      const aside = await beginAside();
      try {
        for (const [index, { content, size }] of attachments.entries())
          await writeWhole(join(aside, names[index] ?? "file"), content(), size);
        await putInPlace(aside, outgoing, messageId);
      } catch (error) {
        await rm(aside, { recursive: true, force: true });
        return fail(`Its files cannot be kept: ${error instanceof Error ? error.message : String(error)}`);
      }
      return ok(attachments.map(({ size }, index) => ({ name: names[index] ?? "file", size })));
    },
    fetched: async (messageId) => {
      await makeFolder(marks, 0o700);
      await writeFile(join(marks, folderOf(messageId)), "", { mode: 0o600 });
    },
    sweep: async (isNeeded) => {
      await removeOlder(asides, leftMs);
      await removeOlder(outgoing, keptMs);
      for (const name of await entriesOf(marks)) {
        if (!(await isOlder(join(marks, name), sharedMs))) continue;
        await rm(join(outgoing, name), { recursive: true, force: true });
        await rm(join(marks, name), { force: true });
      }
      for (const name of await entriesOf(incoming)) {
        const path = join(incoming, name);
        if (!((await isNeeded(name)) ?? !(await isOlder(path, leftMs))))
          await rm(path, { recursive: true, force: true });
      }
    },
  };
};

/** An agent may give a message any id. */
const folderOf = (messageId: string): string =>
  isFolderName(messageId) ? messageId : createHash("sha256").update(messageId).digest("hex");

async function* bytesIn(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path) as AsyncIterable<Uint8Array>;
}

const writeWhole = async (path: string, content: AsyncIterable<Uint8Array>, size: number): Promise<void> => {
  const file = await open(path, "wx", 0o600);
  try {
    let written = 0;
    for await (const chunk of content) {
      written += chunk.length;
      if (written > size) break;
      await file.appendFile(chunk);
    }
    if (written !== size) throw new Error("a file does not have the announced size.");
    await file.sync();
  } finally {
    await file.close();
  }
};

/** Moves a folder with its files to its place, durably. A folder that is there already stays. */
const putInPlace = async (aside: string, parent: string, messageId: string): Promise<void> => {
  await makeFolder(parent, 0o700);
  try {
    await syncFolder(aside);
    await rename(aside, join(parent, folderOf(messageId)));
    await syncFolder(parent);
  } catch (error) {
    if (!["ENOTEMPTY", "EEXIST"].includes(systemCode(error))) throw error;
    await rm(aside, { recursive: true, force: true });
  }
};

const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, "r");
  await folder.sync().finally(() => folder.close());
};

const entriesOf = async (path: string): Promise<readonly string[]> => {
  try {
    return await readdir(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
};

const removeOlder = async (folder: string, ms: number): Promise<void> => {
  for (const name of await entriesOf(folder)) {
    const path = join(folder, name);
    if (await isOlder(path, ms)) await rm(path, { recursive: true, force: true });
  }
};

/** A missing entry counts as older. */
const isOlder = async (path: string, ms: number): Promise<boolean> => {
  try {
    return (await stat(path)).mtimeMs < Date.now() - ms;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return true;
    throw error;
  }
};
