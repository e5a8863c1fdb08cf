import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { ChatFiles } from "./chat-files.ts";
import { entriesOf } from "./entries-of.ts";
import { filesOf } from "./lines.ts";
import { findLine } from "./transcript.ts";

/**
 * Moves the files of people's waiting messages into the database: an older build kept them in
 * `in/<message>/<number>`. Runs once, at the start, and is repeated after a kill. An unreadable file is
 * reported and does not delay the others.
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
        await files.store(path, messageId, filesOf(line));
        await files.pin(db, messageId);
      }
      await rm(path, { recursive: true, force: true });
    } catch (error) {
      report(error);
    }
  }
};

type TakeOver = {
  readonly files: Pick<ChatFiles, "store" | "pin">;
  readonly folder: string;
  readonly report: (error: unknown) => void;
};
