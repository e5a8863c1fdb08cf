import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { promisify } from "node:util";
import { Stanza, type Identity, type Recipient } from "age-encryption";

/**
 * A passphrase as a recipient and an identity of age, as https://age-encryption.org/v1 says of scrypt. The class of
 * `age-encryption` 0.3.1 blocks the process for 0.9 s for each passphrase; Node's `scrypt` works in its pool of threads.
 */
type Passphrase = Recipient & Identity;

const deriveKey = promisify<string, Buffer, number, object, Buffer>(scrypt);

const label = "age-encryption.org/v1/scrypt";

/** The work for a guess: 2^18 blocks of 1 kB, as `age` has it. */
const logWork = 18;

/** Files of more work are refused: they would need gigabytes, and `age` refuses from 23 on. */
const mostLogWork = 20;

const keyOf = (passphrase: string, salt: Buffer, logN: number): Promise<Buffer> =>
  deriveKey(passphrase, Buffer.concat([Buffer.from(label), salt]), 32, {
    N: 2 ** logN,
    r: 8,
    p: 1,
    maxmem: 2 ** (logN + 11),
  });

const zeroNonce = Buffer.alloc(12);
const tagBytes = 16;
const cipher = "chacha20-poly1305";

export const passphraseOf = (passphrase: string): Passphrase => ({
  wrapFileKey: async (fileKey) => {
    const salt = randomBytes(16);
    const key = await keyOf(passphrase, salt, logWork);
    const sealed = createCipheriv(cipher, key, zeroNonce, { authTagLength: tagBytes });
    const body = Buffer.concat([sealed.update(fileKey), sealed.final(), sealed.getAuthTag()]);
    return [new Stanza(["scrypt", base64(salt), String(logWork)], body)];
  },
  unwrapFileKey: async (stanzas) => {
    const [stanza] = stanzas;
    // A file for a passphrase has no other recipient.
    if (stanza === undefined || stanzas.length !== 1) return null;
    const [type, saltText = "", work = ""] = stanza.args;
    const salt = Buffer.from(saltText, "base64");
    if (type !== "scrypt" || base64(salt) !== saltText || salt.byteLength !== 16) return null;
    if (!/^[1-9]\d?$/.test(work) || Number(work) > mostLogWork || stanza.body.byteLength !== 16 + tagBytes)
      return null;
    const key = await keyOf(passphrase, salt, Number(work));
    const opened = createDecipheriv(cipher, key, zeroNonce, { authTagLength: tagBytes });
    opened.setAuthTag(stanza.body.subarray(-tagBytes));
    const fileKey = opened.update(stanza.body.subarray(0, -tagBytes));
    try {
      opened.final();
      return new Uint8Array(fileKey);
    } catch {
      // Node 20.20 has no code for it: the passphrase is another one.
      return null;
    }
  },
});

const base64 = (bytes: Buffer): string => bytes.toString("base64").replaceAll("=", "");
