import type { Failure } from "@gatehouse/cli-kit";
import { explainBackup, type Keys } from "@gatehouse/backup";
import { readPlainFile } from "@gatehouse/fs-kit";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";

/** The flags that open a backup, parsed. */
export type KeyFlags = {
  readonly json?: boolean;
  readonly identity?: readonly string[];
  readonly passphraseFile?: string;
};

/** Reads the files of the flags. */
export const keysOf = async ({
  identity = [],
  passphraseFile,
}: Omit<KeyFlags, "json">): Promise<Result<Keys, Failure>> => {
  const identities: string[] = [];
  for (const file of identity) {
    const text = await textOf(file);
    if (!text.ok) return text;
    identities.push(text.value);
  }
  if (passphraseFile === undefined) return ok({ identities, passphrase: null });
  const text = await textOf(passphraseFile);
  if (!text.ok) return text;
  const passphrase = text.value.replace(/\r?\n[^]*$/, "");
  return passphrase === "" ? fail(noPassphrase(passphraseFile)) : ok({ identities, passphrase });
};

/** Maximum size of a file with a key, bytes. */
const mostBytes = 2 ** 20;

const textOf = async (file: string): Promise<Result<string, Failure>> => {
  try {
    return ok(await readPlainFile(file, mostBytes));
  } catch (error) {
    return fail(explainBackup({ code: "backup-unreadable", file, detail: systemCode(error) }));
  }
};

const noPassphrase = (file: string): Failure => ({
  code: "usage",
  message: `The first line of ${file} is empty.`,
  fix: "write the passphrase into its first line",
});
