import { fail, ok, parseJson, type Result } from "@gatehouse/std";
import { changeKeptFile, readKeptFile } from "./kept-file.ts";

/** Why a file of secrets was not read or written. `detail` quotes nothing of it. */
export type SecretsError = {
  readonly code: "secrets-unreadable" | "secrets-unwritable";
  readonly file: string;
  readonly detail: string;
};

/** A list of secrets in a file that only the host's account may read. */
export type PrivateFile<Entry, Name> = {
  readonly file: string;
  /** True for an entry in the form in which it was written. */
  readonly isEntry: (value: unknown) => value is Entry;
  readonly isNamed: (entry: Entry, name: Name) => boolean;
};

/** Reads the entries; none if there is no file. */
export const readPrivate = async <Entry>({
  file,
  isEntry,
}: Pick<PrivateFile<Entry, never>, "file" | "isEntry">): Promise<Result<readonly Entry[], SecretsError>> => {
  const unreadable = (detail: string) => fail({ code: "secrets-unreadable", file, detail } as const);
  const read = await readKeptFile(file, "read");
  if (!read.ok) return unreadable(read.error);
  if (read.value === null) return ok([]);
  const secrets = listIn(parseJson(read.value));
  return secrets?.every(isEntry) === true ? ok(secrets) : unreadable("it is not a file of gatehouse secrets");
};

const listIn = (value: unknown): readonly unknown[] | null => {
  const { v, secrets } = (value ?? {}) as { readonly v?: unknown; readonly secrets?: unknown };
  return v === 1 && Array.isArray(secrets) ? secrets : null;
};

/** Sets an entry. An entry of the same name is replaced. False if nothing changed. */
export const setPrivate = <Name, Entry extends Name>(
  place: PrivateFile<Entry, Name>,
  entry: Entry,
): Promise<Result<boolean, SecretsError>> =>
  changePrivate(place, (all) => [...all.filter((each) => !place.isNamed(each, entry)), entry]);

/** Removes the entry of this name. False if there was none. */
export const removePrivate = <Name, Entry extends Name>(
  place: PrivateFile<Entry, Name>,
  name: Name,
): Promise<Result<boolean, SecretsError>> =>
  changePrivate(place, (all) => all.filter((each) => !place.isNamed(each, name)));

/** Changes the file under a lock, as a whole. False if nothing changed. */
const changePrivate = <Entry, Name>(
  place: PrivateFile<Entry, Name>,
  change: (entries: readonly Entry[]) => readonly Entry[],
): Promise<Result<boolean, SecretsError>> => {
  const { file } = place;
  return changeKeptFile(
    file,
    async () => {
      const read = await readPrivate(place);
      if (!read.ok) return read;
      const secrets = change(read.value);
      const isSame = JSON.stringify(secrets) === JSON.stringify(read.value);
      return ok({
        value: !isSame,
        text: isSame ? null : `${JSON.stringify({ v: 1, secrets }, null, 2)}\n`,
      });
    },
    (detail): SecretsError => ({ code: "secrets-unwritable", file, detail }),
  );
};
