import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/control-plane";
import { systemCode } from "@gatehouse/std";
import type { ChatFiles } from "./chat-files.ts";
import { filesOf } from "./lines.ts";
import { findLine } from "./transcript.ts";

/**
 * Takes the files of people's messages that wait into the database: an older build kept them in `in/<message>/<number>`.
 * Once, at the start; killed in between it is done again. One that cannot be read is reported, and holds up no other.
 */
export const takeOverChatFiles = async (
  db: Kysely<CentralTables>,
  { files, folder, report }: TakeOver,
): Promise<void> => {
  const incoming = join(folder, "in");
  for (const messageId of await entriesOf(incoming)) {
    const path = join(incoming, messageId);
    const line = await findLine(db, messageId);
    try {
      if (line !== null && line.routed_at === null) {
        await files.take(path, messageId, filesOf(line));
        await files.pin(db, messageId);
      }
      await rm(path, { recursive: true, force: true });
    } catch (error) {
      report(error);
    }
  }
};

type TakeOver = {
  readonly files: Pick<ChatFiles, "take" | "pin">;
  readonly folder: string;
  readonly report: (error: unknown) => void;
};

const entriesOf = async (path: string): Promise<readonly string[]> => {
  try {
    return await readdir(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
};
