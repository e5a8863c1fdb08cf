import { createHash } from "node:crypto";

/**
 * The session's UUID of a new conversation, made from the batch that begins it (UUID version 5, RFC 9562). The host
 * keeps the batch before it is sent, so the next runner finds the transcript of one that was killed in its first turn.
 */
export const sessionIdOf = (batch: string): string => {
  const bytes = createHash("sha1").update(`gatehouse claude session\n${batch}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
};
