import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";

/** The key that seals settings with secrets. All hosts of one database have the same. */
export type SettingsKey = {
  /** Distinguishes keys, and tells nothing about them. */
  readonly id: string;
  /** Seals a text for one name: it opens under no other. */
  readonly seal: (name: string, text: string) => string;
  /** Opens a sealed text; null if it was sealed by another key or for another name, or was changed. */
  readonly open: (name: string, sealed: string) => string | null;
};

/** The environment variable that names the file with the key. */
export const keyFileVariable = "GATEHOUSE_KEY_FILE";

const [keyBytes, ivBytes, tagBytes] = [32, 12, 16];

/** AES-256-GCM, with a new nonce for each text, and the name as additional data. */
const settingsKey = (key: Buffer): SettingsKey => ({
  id: createHash("sha256").update("gatehouse settings key\n").update(key).digest("base64url").slice(0, 16),
  seal: (name, text) => {
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(name));
    const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64url");
  },
  open: (name, sealed) => {
    const bytes = Buffer.from(sealed, "base64url");
    if (bytes.length < ivBytes + tagBytes) return null;
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, ivBytes))
      .setAAD(Buffer.from(name))
      .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
    try {
      const rest = bytes.subarray(ivBytes + tagBytes);
      return Buffer.concat([decipher.update(rest), decipher.final()]).toString("utf8");
    } catch {
      return null;
    }
  },
});

/**
 * Reads the key of a file. A group may read it, as that of a Secret of Kubernetes, which is behind a link. The error is a
 * sentence, and quotes nothing of the file.
 */
export const readSettingsKey = async (file: string): Promise<Result<SettingsKey, string>> => {
  try {
    const read = await textIn(file);
    if (read === null)
      return fail(`The key file ${file} may be read by other accounts (chmod 600 ${file} keeps them out).`);
    const key = Buffer.from(read.trim(), "base64url");
    if (key.length !== keyBytes)
      return fail(
        `The key file ${file} has no key of ${keyBytes} bytes in base64url: gatehouse secrets rekey makes one.`,
      );
    return ok(settingsKey(key));
  } catch (error) {
    return fail(`The key file ${file} cannot be read (${systemCode(error)}).`);
  }
};

/** The text of a file that only its owner may write, and only its owner and a group may read; null of another one. */
const textIn = async (file: string): Promise<string | null> => {
  const handle = await open(file, "r");
  try {
    const { mode } = await handle.stat();
    return (mode & 0o027) === 0 ? await handle.readFile("utf8") : null;
  } finally {
    await handle.close();
  }
};

/** Makes a file with a new key, for its owner alone; whole, or not at all. Fails if there is a file. The error is a sentence. */
export const makeSettingsKey = async (file: string): Promise<Result<SettingsKey, string>> => {
  try {
    const handle = await open(file, "wx", 0o600);
    try {
      await handle.writeFile(`${randomBytes(keyBytes).toString("base64url")}\n`);
      await handle.sync();
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
    return await readSettingsKey(file);
  } catch (error) {
    return fail(`The key file ${file} cannot be made (${systemCode(error)}).`);
  }
};
