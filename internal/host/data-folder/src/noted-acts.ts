import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Io } from "@gatehouse/cli-kit";
import { readPlainFile, replaceFile } from "@gatehouse/fs-kit";
import { parseJson, systemCode, type Environment } from "@gatehouse/std";
import { withOwnersRights } from "./act-for-owner.ts";

/**
 * An act of a program that has no connection to the database, such as `secrets set`. The running host, or the next one,
 * moves it from its file in the data folder to the log of decisions.
 */
export type NotedAct = Act & { readonly id: string; readonly at: string; readonly account: string };

/** The words of the command, and its values, without secrets. */
export type Act = { readonly command: string; readonly args: Readonly<Record<string, string>> };

const folderIn = (dataDir: string): string => join(dataDir, "acts");

/** The name of the account that runs this process: `ada`; with `env`, `ada, with sudo` where sudo started it. */
export const accountOf = (env: Environment = {}): string => {
  const sudoer = process.getuid?.() === 0 ? env["SUDO_USER"] : undefined;
  if (sudoer !== undefined && sudoer !== "" && sudoer !== "root") return `${sudoer}, with sudo`;
  try {
    return userInfo().username;
  } catch (error) {
    // An account of a container may have no name.
    systemCode(error);
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
};

/** Notes an act that was done. Returns a sentence if it could not be noted. A folder without a host gets no note. */
export const noteAct = async (dataDir: string, account: string, act: Act): Promise<string | null> => {
  if (!existsSync(dataDir)) return null;
  const id = `de-${randomUUID()}`;
  const noted: NotedAct = { id, at: new Date().toISOString(), account, ...act };
  const folder = folderIn(dataDir);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await replaceFile(join(folder, `${id}.json`), `${JSON.stringify(noted)}\n`);
    return null;
  } catch (error) {
    return `It was done, but ${folder} cannot be written (${systemCode(error)}), so "ncl decisions list" lacks it.`;
  }
};

/** Notes an act with the rights of the data folder's owner. Warns on stderr if it could not be noted. */
export const noteActOfOwner = async (
  dataDir: string,
  act: Act,
  { env, stderr }: Pick<Io, "env" | "stderr">,
  account: string = accountOf(env),
): Promise<void> => {
  if (!existsSync(dataDir)) return;
  const untold = await withOwnersRights(dataDir, () => noteAct(dataDir, account, act));
  if (untold !== null) stderr.write(`warning: ${untold}\n`);
};

/** The noted acts of a data folder, and how they are forgotten once the log has them. */
export const notedActsIn = (
  dataDir: string,
): { list: () => Promise<readonly NotedAct[]>; forget: (ids: readonly string[]) => Promise<void> } => {
  const folder = folderIn(dataDir);
  return {
    list: async () => {
      const files = await namesIn(folder);
      const read = await Promise.all(files.map((name) => actIn(join(folder, name), name)));
      return read.filter((act) => act !== null);
    },
    forget: async (ids) => {
      for (const id of ids) await rm(join(folder, `${id}.json`), { force: true });
    },
  };
};

const fileForm = /^de-[0-9a-f-]{36}\.json$/;

const namesIn = async (folder: string): Promise<readonly string[]> => {
  try {
    return (await readdir(folder)).filter((name) => fileForm.test(name)).toSorted();
  } catch (error) {
    systemCode(error);
    return [];
  }
};

/** Null for a file that another program has put there. */
const actIn = async (file: string, name: string): Promise<NotedAct | null> => {
  try {
    const act = parseJson(await readPlainFile(file)) as Partial<NotedAct> | null;
    const { id, at, account, command, args } = act ?? {};
    const isWhole = [id, at, account, command].every((text) => typeof text === "string");
    return isWhole && `${id}.json` === name && typeof args === "object" ? (act as NotedAct) : null;
  } catch (error) {
    systemCode(error);
    return null;
  }
};
