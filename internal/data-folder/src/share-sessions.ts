import { randomUUID } from "node:crypto";
import { link, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { agreedSessions, agreeOnSessions, type Central } from "@gatehouse/control-plane";
import type { Failure } from "@gatehouse/cli-kit";
import { makeFolder, readPlainFile } from "@gatehouse/fs-kit";
import { visible, systemCode, type Result } from "@gatehouse/std";

/**
 * Makes sure that all hosts of a server work on one folder of sessions. The folder is known by an id in a file
 * in it, since two machines may see it under two paths; the database remembers the first host's. Another folder
 * is refused before anything is written to it.
 */
export const shareSessions = async (
  { db }: Pick<Central, "db">,
  sessionsDir: string,
): Promise<Result<null, Failure>> => {
  const agreed = await agreedSessions(db);
  const found = await idIn(sessionsDir);
  if (!found.ok) return unusable(sessionsDir, found.error);
  if (agreed !== null && agreed.id !== found.value) return differs(sessionsDir, agreed);
  const made = found.value === null ? await makeId(sessionsDir) : found;
  if (!made.ok) return unusable(sessionsDir, made.error);
  const shared = await agreeOnSessions(db, { id: made.value ?? "", dir: sessionsDir });
  return shared.ok ? shared : differs(sessionsDir, shared.error);
};

const fileIn = (sessionsDir: string): string => join(sessionsDir, "sessions-id");

/** Null if the folder has none. */
const idIn = async (sessionsDir: string): Promise<Result<string | null, string>> => {
  try {
    return { ok: true, value: (await readPlainFile(fileIn(sessionsDir))).trim() };
  } catch (error) {
    const code = systemCode(error);
    return code === "ENOENT" ? { ok: true, value: null } : { ok: false, error: code };
  }
};

/** Of two hosts that make it at once, both get the same. It is never there half written. */
const makeId = async (sessionsDir: string): Promise<Result<string | null, string>> => {
  const id = randomUUID();
  const aside = `${fileIn(sessionsDir)}.${id}`;
  try {
    await makeFolder(sessionsDir, 0o711);
    await writeFile(aside, `${id}\n`, { mode: 0o600, flag: "wx", flush: true });
    await link(aside, fileIn(sessionsDir));
  } catch (error) {
    const code = systemCode(error);
    if (code !== "EEXIST") return { ok: false, error: code };
  } finally {
    await rm(aside, { force: true });
  }
  return idIn(sessionsDir);
};

const unusable = (sessionsDir: string, detail: string): Result<never, Failure> => ({
  ok: false,
  error: {
    code: "sessions-folder-unusable",
    message: `The sessions folder ${visible(sessionsDir)} cannot be used (${detail}).`,
    fix: "make room on its disk, and make it writable for this account; or name another folder with --sessions",
  },
});

const differs = (
  sessionsDir: string,
  agreed: { readonly id: string; readonly dir: string },
): Result<never, Failure> => ({
  ok: false,
  error: {
    code: "sessions-folder-differs",
    message: `The hosts of this database keep their sessions in ${visible(agreed.dir)}, and ${visible(sessionsDir)} is another folder. Nothing was changed.`,
    fix: `name that folder with --sessions; if it is gone for good, write ${visible(agreed.id)} into ${visible(fileIn(sessionsDir))}, and this one takes its place`,
  },
});
