import { ok, fail } from "@gatehouse/std";
import { attachmentLimits } from "../messages/named-files.ts";
import type { SessionDatabase, SessionTransaction } from "../rows/transaction.ts";
import { lockAsAgent } from "../rows/transaction.ts";
import type { Workload } from "../rows/session-tokens.ts";
import { findFile, fullGroup, putFiles, type FoundFile, type NewFile } from "./file-store.ts";
import type { FileOutcome } from "./file-chunks.ts";

/** The files that an agent may read and write: those of its own session's messages. */
export type AgentFiles = {
  /** Stores a file of a message that the agent will send. Idempotent. */
  readonly put: (messageId: string, file: NewFile) => Promise<FileOutcome<null>>;
  /** A file that came with a message to the agent. */
  readonly get: (messageId: string, name: string) => Promise<FileOutcome<FoundFile>>;
};

export const agentFiles = (
  db: SessionDatabase,
  { sessionId, incarnation, groupId }: Workload & { readonly groupId: string },
  now: () => string,
): AgentFiles => ({
  put: async (messageId, file) => {
    // Once a message was sent, its files do not change: they are stored, or were removed after delivery.
    if (await isSent(db, sessionId, messageId)) return ok(null);
    const place = { sessionId, box: "out" } as const;
    let full = await fullGroup(db, groupId);
    if (full !== null) return fail({ code: "too-large", detail: full });
    const put = await putFiles(db, { ...place, messageId }, [file], {
      now: now(),
      most: attachmentLimits.bytes,
      senderGroupId: groupId,
      mayWrite: async (transaction) => {
        // Other sessions of the group send files at the same time.
        full = await fullGroup(transaction, groupId);
        return full === null && (await isNewest(transaction, sessionId, incarnation));
      },
    });
    if (put.ok) return ok(null);
    return full === null ? put : fail({ code: "too-large", detail: full });
  },
  get: (messageId, name) => findFile(db, { sessionId, box: "in", messageId }, name),
});

const isSent = async (db: SessionDatabase, sessionId: string, messageId: string): Promise<boolean> =>
  (await db
    .selectFrom("session_messages_out")
    .select("id")
    .where("session_id", "=", sessionId)
    .where("id", "=", messageId)
    .executeTakeFirst()) !== undefined;

const isNewest = async (
  transaction: SessionTransaction,
  sessionId: string,
  incarnation: number,
): Promise<boolean> => (await lockAsAgent(transaction, sessionId))?.incarnation === incarnation;
