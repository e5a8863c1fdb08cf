import { Buffer } from "node:buffer";
import { findFile, type FilePlace } from "@gatehouse/session-rows";
import { expect } from "vitest";
import type { SessionFixture } from "../session.fixture.ts";

/**
 * The files of a session's messages, by message and name. "" is the session of messages that have none yet.
 */
export const filesIn = async (
  { central: { loop } }: SessionFixture,
  sessionId: string,
  box: FilePlace["box"],
): Promise<Readonly<Record<string, string>>> => {
  const kept = await loop
    .selectFrom("session_files")
    .select(["message_id", "name"])
    .where("session_id", "=", sessionId)
    .where("box", "=", box)
    .execute();
  const found: Record<string, string> = {};
  for (const { message_id: messageId, name } of kept) {
    const file = await findFile(loop, { sessionId, box, messageId }, name);
    if (!file.ok) expect.fail(file.error.detail);
    const parts: Uint8Array[] = [];
    for await (const part of file.value.content()) parts.push(part);
    found[`${messageId}/${name}`] = Buffer.concat(parts).toString();
  }
  return found;
};
