import { Decrypter, Encrypter } from "age-encryption";
import { fail, ok, type Result } from "@gatehouse/std";

/** For whom a backup is encrypted. age encrypts for recipients or for a passphrase, never for both. */
export type Recipients = { readonly recipients: readonly string[] } | { readonly passphrase: string };

/** What opens an encrypted backup: the text of identity files, and a passphrase. */
export type Keys = { readonly identities: readonly string[]; readonly passphrase: string | null };

/** The first bytes of each file of age. */
export const ageBeginning = "age-encryption.org/v1";

/**
 * Prepares the encryption. The error is the recipient that is none. A passphrase blocks the process for 0.9 s
 * (age-encryption 0.3.1), so no host does this itself: `gatehouse backup` is a process of its own.
 */
export const encrypterFor = (to: Recipients): Result<Encrypter, string> => {
  const encrypter = new Encrypter();
  if ("passphrase" in to) {
    encrypter.setPassphrase(to.passphrase);
    return ok(encrypter);
  }
  // age-encryption 0.3.1 encrypts for nobody without an error.
  if (to.recipients.length === 0) throw new TypeError("A backup with secrets needs a recipient.");
  for (const recipient of to.recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch {
      // Its errors have no code. All are about the text.
      return fail(recipient);
    }
  }
  return ok(encrypter);
};

/** Prepares the decryption. The error is the number of the first line that is no identity, from 1. */
export const decrypterOf = ({ identities, passphrase }: Keys): Result<Decrypter, number> => {
  const decrypter = new Decrypter();
  for (const [index, line] of identities.flatMap((text) => text.split("\n")).entries()) {
    const identity = line.trim();
    // As age-keygen writes it: with comments above the identity.
    if (identity === "" || identity.startsWith("#")) continue;
    try {
      decrypter.addIdentity(identity);
    } catch {
      return fail(index + 1);
    }
  }
  if (passphrase !== null) decrypter.addPassphrase(passphrase);
  return ok(decrypter);
};

/** Takes the bytes of a backup. */
export type ByteSink = {
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Ends the bytes. All of them are written then. */
  readonly end: () => Promise<void>;
};

/** Encrypts what is written, and writes it to `sink`. */
export const encryptingSink = async (encrypter: Encrypter, sink: ByteSink): Promise<ByteSink> => {
  // A web stream: of a stream of Node, age-encryption 0.3.1 makes an empty file.
  const plain = new TransformStream<Uint8Array, Uint8Array>();
  const writer = plain.writable.getWriter();
  const encrypted = await encrypter.encrypt(plain.readable);
  const copied = (async () => {
    for await (const bytes of encrypted) await sink.write(bytes);
  })();
  // An error of `sink` ends the stream, and is the error of the next call.
  copied.catch(() => undefined);
  const orSinkError = async (written: Promise<void>): Promise<void> => {
    try {
      await written;
    } catch (error) {
      await copied;
      throw error;
    }
  };
  return {
    write: (bytes) => orSinkError(writer.write(bytes)),
    end: async () => {
      await orSinkError(writer.close());
      await copied;
      await sink.end();
    },
  };
};
