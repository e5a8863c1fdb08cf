import { existsSync } from "node:fs";
import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { renderRows } from "@gatehouse/cli-kit/table";
import { readCentral } from "@gatehouse/central-database";
import {
  claimDataFolder,
  explainStart,
  installOf,
  runningHost,
  withOwnersRights,
} from "@gatehouse/data-folder";
import { chooseDatabase, type DatabaseFlags } from "@gatehouse/data-folder/choose-database";
import { agentsLeft } from "@gatehouse/places/left-behind";
import { dataFolder, sizeText } from "@gatehouse/fs-kit";
import { listHeld } from "@gatehouse/held-client/records";
import { installationNameIn } from "@gatehouse/session-rows";
import { fail, ok, parseJson, shellWord, type Result } from "@gatehouse/std";
import { thisMachine } from "@nc/user-wizard/node";
import { kinds, leftBehind, removeEmptied, type Left, type FormerHost } from "./left-behind.ts";

/** The flags of `gatehouse uninstall`, parsed. */
export type UninstallFlags = DatabaseFlags & {
  readonly data?: string;
  readonly json?: boolean;
  readonly list?: boolean;
  readonly yes?: boolean;
};

/** Where a machine keeps what leads to a host; only tests have other folders. */
export type MachinePlaces = Pick<FormerHost, "machine" | "sudoersFolder" | "unitFolder">;

const thisPlaces: MachinePlaces = {
  machine: thisMachine,
  sudoersFolder: thisMachine.platform === "darwin" ? "/private/etc/sudoers.d" : "/etc/sudoers.d",
  unitFolder: "/etc/systemd/system",
};

/** Lists or removes what a host has left on this machine. Returns the exit code. */
export const uninstallCommand = async (
  flags: UninstallFlags,
  io: Io,
  places: MachinePlaces = thisPlaces,
): Promise<number> => {
  const { json: isJson = false } = flags;
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  const dataDir = dataFolder(io.env, flags.data);
  const read = await rowsOf({ dataDir, ...chosen });
  const place = { ...places, dataDir, env: io.env, database: chosen.database?.shown ?? null };
  const done = !read.ok
    ? read
    : flags.yes === true
      ? await removeAll({ ...place, ...read.value }, read.value.inCluster)
      : ok({ left: await leftBehind({ ...place, ...read.value }), failed: [] });
  if (!done.ok) {
    printFailure(io, isJson, done.error);
    return 1;
  }
  const { left, failed } = done.value;
  const shown = left.map(({ kind, at, bytes, stays }): Left => ({ kind, at, bytes, stays }));
  if (isJson)
    printJson(io, {
      ok: failed.length === 0,
      data: dataDir,
      [flags.yes === true ? "removed" : "remove"]: shown.filter(isRemoved),
      kept: shown.filter((each) => !isRemoved(each)),
      failed,
    });
  else io.stdout.write(textOf(shown, failed, flags.yes === true));
  for (const { at, why } of isJson ? [] : failed) io.stderr.write(`error: ${at} was not removed (${why}).\n`);
  if (!isJson && failed.length > 0) io.stderr.write(`fix: ${fixOf(dataDir)}\n`);
  return failed.length === 0 ? 0 : 1;
};

const isRemoved = ({ stays }: Left): boolean => stays === null;

const fixOf = (dataDir: string): string =>
  `mend it, and run it again, as root if it is not permitted: sudo gatehouse uninstall --yes --data ${shellWord(dataDir)}`;

type Rows = Pick<FormerHost, "sessions" | "accounts"> & { readonly inCluster: string | null };

/** What the database knows of places outside of the data folder. */
const rowsOf = async (central: Parameters<typeof readCentral>[0]): Promise<Result<Rows, Failure>> => {
  const read = await readCentral(central, async (db): Promise<Rows> => {
    const sessions = await db.selectFrom("sessions").select("id").execute();
    const users = await db.selectFrom("file_users").select("entry").execute();
    const accounts = users.map(
      ({ entry }) => (parseJson(entry) as { os_user?: string } | null)?.os_user ?? "",
    );
    return {
      sessions: sessions.map(({ id }) => id),
      accounts: [...new Set(accounts)].filter((account) => account !== ""),
      inCluster: await installationNameIn(db),
    };
  });
  return read.ok ? ok(read.value ?? { sessions: [], accounts: [], inCluster: null }) : read;
};

type Failed = { readonly at: string; readonly why: string };
type Done = { readonly left: readonly Left[]; readonly failed: readonly Failed[] };

/** Removes each kind in turn. A kind that cannot be removed keeps the later ones, by which it is found. */
const removeAll = async (
  place: FormerHost,
  installInCluster: string | null,
): Promise<Result<Done, Failure>> => {
  const { dataDir, env } = place;
  const isThere = existsSync(dataDir);
  const claimed = isThere ? await claim(dataDir) : ok(null);
  if (!claimed.ok) return claimed;
  const left: Left[] = [];
  const failed: Failed[] = [];
  try {
    const problem = isThere ? await agentsProblem({ dataDir, env, installInCluster }) : null;
    if (problem !== null) return fail(problem);
    for (const { kind, find } of kinds) {
      if (failed.length > 0) break;
      for (const found of await find(place)) {
        const why = await found.remove();
        if (why === null || found.isShared) left.push({ kind, ...found, stays: why ?? found.stays });
        else failed.push({ at: found.at, why });
      }
    }
  } finally {
    await claimed.value?.release();
  }
  if (failed.length === 0) await removeEmptied(dataDir);
  return ok({ left, failed });
};

/** Keeps a host from starting meanwhile. */
const claim = async (
  dataDir: string,
): Promise<Result<{ readonly release: () => Promise<void> }, Failure>> => {
  const host = await runningHost(dataDir);
  if (host !== null) return fail(hostRuns(dataDir, host.pid === null ? "it starts" : `pid ${host.pid}`));
  const claimed = await withOwnersRights(dataDir, () => claimDataFolder(dataDir));
  if (claimed.ok) return claimed;
  const { error } = claimed;
  return fail(
    error.code === "host-running" ? hostRuns(dataDir, error.holder ?? "it starts") : explainStart(error),
  );
};

const hostRuns = (dataDir: string, who: string): Failure => ({
  code: "host-running",
  message: `The host of ${dataDir} runs (${who}). Nothing was removed.`,
  fix: `gatehouse down --data ${shellWord(dataDir)}`,
});

const agentsProblem = async (
  query: Pick<FormerHost, "dataDir" | "env"> & { readonly installInCluster: string | null },
): Promise<Failure | null> => {
  const { dataDir, installInCluster: inCluster } = query;
  const named = `--data ${shellWord(dataDir)}`;
  const held = await listHeld(dataDir);
  if (!held.ok) return { ...held.error, fix: "read the message, and mend the file" };
  const running = held.value.agents.filter(({ state }) => state !== "ended").map(({ member }) => member);
  if (running.length > 0)
    return {
      code: "agents-left",
      message: `Agents are held in ${dataDir}: ${running.join(", ")}. Nothing was removed.`,
      fix: `gatehouse stop ${running.map(shellWord).join(" ")} ${named}`,
    };
  const left = await agentsLeft({ ...query, install: installOf(dataDir), installInCluster: inCluster });
  if (!left.ok)
    return {
      code: "agents-unknown",
      message: `Whether agents are left is not known: ${left.error} Nothing was removed.`,
      fix: "start that runtime and run it again",
    };
  if (left.value.length === 0) return null;
  return {
    code: "agents-left",
    message: `Agents of a host that was killed are left: ${left.value.join(", ")}. Nothing was removed.`,
    fix: `a host ends them: gatehouse up ${named}, then gatehouse down ${named}`,
  };
};

const textOf = (left: readonly Left[], failed: readonly Failed[], isDone: boolean): string => {
  const [gone, kept] = [left.filter(isRemoved), left.filter((each) => !isRemoved(each))];
  const table = (head: string, things: readonly Left[]): readonly string[] =>
    things.length === 0
      ? []
      : [
          renderRows(
            ["KIND", "SIZE", head],
            things.map(({ kind, at, bytes, stays }) => [
              kind,
              bytes === null ? "" : sizeOf(bytes),
              stays === null ? at : `${at}: ${stays}`,
            ]),
          ),
        ];
  const tables = [
    ...table(isDone ? "REMOVED" : "TO REMOVE", gone),
    ...table("PEOPLE'S OR IN USE, STAYS", kept),
  ];
  const total = sizeOf(gone.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0));
  const end = isDone
    ? failed.length > 0
      ? []
      : [`Removed ${gone.length} things, ${total}.\n`]
    : [`${gone.length} things, ${total}: gatehouse uninstall --yes removes them.\n`];
  return [...tables, ...end].join("\n");
};

const sizeOf = (bytes: number): string =>
  bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} kB` : sizeText(bytes);
