import { join } from "node:path";
import { fail, ok, parseJson, type Result } from "@gatehouse/std";
import { changeKeptFile, readKeptFile } from "./kept-file.ts";

/** Why a file of secrets was not read or written. `detail` quotes nothing of it. */
export type SecretsError = {
  readonly code: "secrets-unreadable" | "secrets-unwritable";
  readonly file: string;
  readonly detail: string;
};

/** A list of secrets in a file of a folder. Only the host's account may read it. */
export type PrivateList<Entry, Name> = {
  readonly fileIn: (folder: string) => string;
  /** Why a text cannot be read as this list, a clause that quotes nothing of it; null if it can. */
  readonly flaw: (text: string) => string | null;
  /** Reads the entries; none if there is no file. */
  readonly read: (folder: string) => Promise<Result<readonly Entry[], SecretsError>>;
  /** Sets an entry. An entry of the same name is replaced. False if nothing changed. */
  readonly set: (folder: string, entry: Entry) => Promise<Result<boolean, SecretsError>>;
  /** Removes the entry of this name. False if there was none. */
  readonly remove: (folder: string, name: Name) => Promise<Result<boolean, SecretsError>>;
};

type PrivateListOptions<Entry, Name> = {
  readonly fileName: string;
  /** True for an entry in the form in which it was written. */
  readonly isEntry: (value: unknown) => value is Entry;
  readonly isNamed: (entry: Entry, name: Name) => boolean;
};

export const privateList = <Name, Entry extends Name>({
  fileName,
  isEntry,
  isNamed,
}: PrivateListOptions<Entry, Name>): PrivateList<Entry, Name> => {
  const fileIn = (folder: string): string => join(folder, fileName);
  const entriesIn = (text: string): readonly Entry[] | null => {
    const secrets = listIn(parseJson(text));
    return secrets?.every(isEntry) === true ? secrets : null;
  };
  const read = async (file: string): Promise<Result<readonly Entry[], SecretsError>> => {
    const unreadable = (detail: string) => fail({ code: "secrets-unreadable", file, detail } as const);
    const kept = await readKeptFile(file, "read");
    if (!kept.ok) return unreadable(kept.error);
    if (kept.value === null) return ok([]);
    const secrets = entriesIn(kept.value);
    return secrets === null ? unreadable(noSecrets) : ok(secrets);
  };
  /** Changes the file under a lock, as a whole. */
  const change = (
    file: string,
    changed: (entries: readonly Entry[]) => readonly Entry[],
  ): Promise<Result<boolean, SecretsError>> =>
    changeKeptFile(
      file,
      async () => {
        const before = await read(file);
        if (!before.ok) return before;
        const secrets = changed(before.value);
        const isSame = JSON.stringify(secrets) === JSON.stringify(before.value);
        return ok({
          value: !isSame,
          text: isSame ? null : `${JSON.stringify({ v: 1, secrets }, null, 2)}\n`,
        });
      },
      (detail): SecretsError => ({ code: "secrets-unwritable", file, detail }),
    );
  return {
    fileIn,
    flaw: (text) => (entriesIn(text) === null ? noSecrets : null),
    read: (folder) => read(fileIn(folder)),
    set: (folder, entry) =>
      change(fileIn(folder), (all) => [...all.filter((each) => !isNamed(each, entry)), entry]),
    remove: (folder, name) => change(fileIn(folder), (all) => all.filter((each) => !isNamed(each, name))),
  };
};

const noSecrets = "it is not a file of gatehouse secrets";

const listIn = (value: unknown): readonly unknown[] | null => {
  const { v, secrets } = (value ?? {}) as { readonly v?: unknown; readonly secrets?: unknown };
  return v === 1 && Array.isArray(secrets) ? secrets : null;
};
