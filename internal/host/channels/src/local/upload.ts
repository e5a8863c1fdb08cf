import { Buffer } from "node:buffer";
import { appendFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, type Result } from "@gatehouse/std";
import { attachmentLimits } from "@gatehouse/session-rows/messages";
import type { ChatFiles } from "./chat-files.ts";
import { diskFull, isDiskFull } from "./disk-full.ts";
import type { ChatRefusal } from "./find-speaker.ts";
import type { Chunk, Said } from "./frames.ts";

/** The upload of one client: the files of one message at a time, each from its beginning. */
export type Upload = {
  readonly receive: (chunk: Chunk) => Promise<Result<null, ChatRefusal>>;
  /** Stores the files that a message names, before the message is written. */
  readonly finish: (said: Said) => Promise<Result<null, ChatRefusal>>;
  /** Removes files that belong to no message. */
  readonly close: () => Promise<void>;
};

type Begun = { readonly messageId: string; readonly aside: string; readonly sizes: Map<number, number> };

/** Calls run one after the other; `close` may come at any time. */
export const upload = (files: ChatFiles): Upload => {
  let begun: Begun | null = null;
  let isClosed = false;
  const discard = async (): Promise<void> => {
    const left = begun;
    begun = null;
    if (left !== null) await rm(left.aside, { recursive: true, force: true });
  };
  const begin = async (messageId: string): Promise<Begun> => {
    if (begun?.messageId === messageId) return begun;
    await discard();
    begun = { messageId, aside: await files.beginAside(), sizes: new Map() };
    return begun;
  };
  const append = async ({ id, file, at, data }: Chunk): Promise<Result<null, ChatRefusal>> => {
    const { aside, sizes } = await begin(id);
    const bytes = Buffer.from(data, "base64");
    const size = sizes.get(file) ?? 0;
    if (at !== size) return fail({ code: "bad-chunk", message: `File ${file} goes on at byte ${size}.` });
    if (size + bytes.length > attachmentLimits.bytes) return fail(tooLarge);
    await appendFile(join(aside, String(file)), bytes, { mode: 0o600 });
    sizes.set(file, size + bytes.length);
    return ok(null);
  };
  const finish = async (said: Said): Promise<Result<null, ChatRefusal>> => {
    const named = said.type === "message" ? (said.files ?? []) : [];
    if (named.length === 0) return ok(null);
    const { aside, sizes } = await begin(said.id);
    const isWhole = named.every(({ size }, index) => (sizes.get(index) ?? 0) === size);
    if (!isWhole) return fail({ code: "incomplete-file", message: "A file was incomplete: send it again." });
    // An empty file has no chunk.
    for (const index of named.keys()) await appendFile(join(aside, String(index)), "", { mode: 0o600 });
    await files.store(aside, said.id, named);
    await discard();
    return ok(null);
  };
  /** Files that are being written when `close` is called are removed after that. */
  const unlessClosed = async (
    work: () => Promise<Result<null, ChatRefusal>>,
  ): Promise<Result<null, ChatRefusal>> => {
    try {
      return await work();
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      // A disconnected client sends all of it again.
      await discard();
      return fail(diskFull);
    } finally {
      if (isClosed) await discard();
    }
  };
  return {
    receive: (chunk) => unlessClosed(() => append(chunk)),
    finish: (said) => unlessClosed(() => finish(said)),
    close: async () => {
      isClosed = true;
      await discard();
    },
  };
};

const tooLarge = {
  code: "file-too-large",
  message: `A file has at most ${attachmentLimits.bytes} bytes (${attachmentLimits.bytes / 2 ** 20} MB).`,
};
