import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import type { MessengerBot } from "./messenger-bots.ts";

/** A person, and the group that is to answer in their direct chat. */
export type StartOf = {
  readonly userId: string;
  readonly groupId: string;
  /** ISO 8601, UTC. */
  readonly now: string;
};

/** Time for which a link is valid, s. */
const validSeconds = 86_400;

/** Bytes of the code: the end of its time, and a hash that only the bot's token makes. */
const [timeBytes, hashBytes] = [4, 16];

/**
 * The code with which this person, and no other account, begins the chat with a bot: at most 64 letters, digits, - and _, which
 * all messengers with such links take.
 */
export const startCode = (bot: MessengerBot, { now, ...of }: StartOf): string => {
  const until = Math.floor(Date.parse(now) / 1000) + validSeconds;
  return codeOf(bot, of, until).toString("base64url");
};

/**
 * True if the code is from a link for this person and group, which is not older than a day. `usedAt`: when a link was last
 * used; it ended all earlier ones.
 */
export const isStartCode = (
  bot: MessengerBot,
  { now, usedAt, ...of }: StartOf & { readonly usedAt: string | null },
  code: string,
): boolean => {
  const given = Buffer.from(code, "base64url");
  if (given.length !== timeBytes + hashBytes) return false;
  const until = given.readUInt32BE();
  const madeMs = (until - validSeconds) * 1000;
  const isOpen = until * 1000 > Date.parse(now) && (usedAt === null || madeMs > Date.parse(usedAt));
  return isOpen && timingSafeEqual(given, codeOf(bot, of, until));
};

const codeOf = (
  { token }: MessengerBot,
  { userId, groupId }: Pick<StartOf, "userId" | "groupId">,
  until: number,
): Buffer => {
  const time = Buffer.alloc(timeBytes);
  time.writeUInt32BE(until);
  const text = JSON.stringify(["start", userId, groupId, until]);
  const hash = createHmac("sha256", token).update(text).digest().subarray(0, hashBytes);
  return Buffer.concat([time, hash]);
};
