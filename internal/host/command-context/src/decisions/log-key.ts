import { Buffer } from "node:buffer";
import { createHash, createHmac, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { changeKeptFile, readKeptFile } from "@gatehouse/fs-kit";
import { ok } from "@gatehouse/std";
import type { Mac } from "./chain.ts";

/** The key that seals the log of decisions. It is in the data folder, and never in the database. */
export type LogKey = {
  /** Distinguishes keys, and tells nothing about them. */
  readonly id: string;
  readonly mac: Mac;
  /** The text of its file. */
  readonly text: string;
};

/** The path of the key in a data folder. */
export const logKeyFile = (dataDir: string): string => join(dataDir, "log.key");

const keyBytes = 32;

/** The key in a text: 32 bytes, base64url. Null for any other text. */
export const logKeyOf = (text: string): LogKey | null => {
  const key = Buffer.from(text.trim(), "base64url");
  if (key.length !== keyBytes) return null;
  return {
    id: createHash("sha256").update("gatehouse log key\n").update(key).digest("base64url").slice(0, 16),
    mac: (sealed) => createHmac("sha256", key).update(sealed).digest("base64url"),
    text: `${key.toString("base64url")}\n`,
  };
};

export const newLogKeyText = (): string => `${randomBytes(keyBytes).toString("base64url")}\n`;

/** The key of a data folder. Null if there is none; a sentence if its file cannot be used. */
export const readLogKey = async (dataDir: string): Promise<LogKey | string | null> => {
  const file = logKeyFile(dataDir);
  const read = await readKeptFile(file, "read");
  if (!read.ok) return `The key of the log ${file} cannot be used: ${read.error}.`;
  if (read.value === null) return null;
  return logKeyOf(read.value) ?? `The key of the log ${file} has not ${keyBytes} bytes in base64url.`;
};

/** Writes a key into a data folder that has none, for its owner alone; whole, or not at all. Returns the key that is there. */
export const writeLogKey = async (dataDir: string, text: string): Promise<LogKey | string | null> => {
  const file = logKeyFile(dataDir);
  const made = await changeKeptFile(
    file,
    async () => ok({ value: null, text: existsSync(file) ? null : text }),
    (detail) => `The key of the log ${file} cannot be made: ${detail}.`,
  );
  return made.ok ? readLogKey(dataDir) : made.error;
};
