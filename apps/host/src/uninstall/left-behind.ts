import { existsSync, lstatSync, readdirSync } from "node:fs";
import { rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { scheduleState } from "@gatehouse/backup";
import { centralFile } from "@gatehouse/central-database";
import { withOwnersRights } from "@gatehouse/data-folder";
import { builtImages, removeBuiltImage } from "@gatehouse/places/left-behind";
import { homeOf, readPlainFile } from "@gatehouse/fs-kit";
import { sudoersOf } from "@gatehouse/people";
import { asAccount, shell } from "@gatehouse/processes/records";
import { attempt } from "@gatehouse/sqlite";
import { agentFiles, fail, ok, systemCode, type Environment, type Result } from "@gatehouse/std";
import { readServiceFile } from "../service/service-file.ts";
import { argumentIn } from "../service/systemd-unit.ts";
import { folderBelow } from "@nc/container-runtime/node";
import type { Machine } from "@nc/user-wizard";

/** Something that a host has left on the machine. */
export type Left = {
  readonly kind: string;
  /** A path, or the name of an image. */
  readonly at: string;
  /** Null if it is not known. */
  readonly bytes: number | null;
  /** Why it stays; null for what is removed. */
  readonly stays: string | null;
};

export type Found = Left & {
  /** Removes it; the error is a clause. Does nothing to what is gone. */
  readonly remove: () => Promise<string | null>;
  /** True if it stays where others use it, which is no failure. */
  readonly isShared?: true;
};

type Thing = Omit<Found, "kind">;

/** A host that was: its data folder, and the rows of its database that lead elsewhere. */
export type FormerHost = {
  readonly dataDir: string;
  readonly env: Environment;
  readonly machine: Pick<Machine, "run" | "journals">;
  /** The folder in which sudo finds its rules. */
  readonly sudoersFolder: string;
  /** The folder of units of the machine. */
  readonly unitFolder: string;
  readonly sessions: readonly string[];
  /** Accounts as which agents ran. */
  readonly accounts: readonly string[];
  /** The server, without a password; null for a file. */
  readonly database: string | null;
};

type Kind = { readonly kind: string; readonly find: (place: FormerHost) => Promise<readonly Thing[]> };

/**
 * Each kind of thing that a host leaves. They are removed in this order: what is found with the help of other files goes before
 * these, so a removal that was killed goes on when it is run again.
 */
export const kinds: readonly Kind[] = [
  { kind: "service", find: (place) => services(place) },
  { kind: "agents", find: (place) => filesOfAccounts(place) },
  { kind: "sudo", find: (place) => sudoRules(place) },
  { kind: "journal", find: (place) => journals(place) },
  { kind: "image", find: (place) => images(place) },
  { kind: "outside", find: (place) => outside(place) },
  { kind: "data", find: (place) => dataFiles(place) },
];

export const leftBehind = async (place: FormerHost): Promise<readonly Found[]> => {
  const found: Found[] = [];
  for (const { kind, find } of kinds) found.push(...(await find(place)).map((each) => ({ kind, ...each })));
  return found;
};

/** Runs a removal. Returns a clause if it fails. */
const removing = (act: () => Promise<unknown>) => async (): Promise<string | null> => {
  const done = await attempt(act);
  return done.ok ? null : done.error;
};

const staying = (at: string, bytes: number | null, stays: string): Thing => ({
  at,
  bytes,
  stays,
  remove: async () => null,
});

const whyStays = {
  missing: "it is gone",
  foreign: "a person wrote this unit",
  changed: "a person changed this unit",
} as const;

const namesFolder = (unit: string, dataDir: string): boolean =>
  [" ", "\n"].some((end) => unit.includes(` --data ${argumentIn(dataDir)}${end}`));

/** Units that run this data folder; a person's own is left. */
const services = async ({ dataDir, env, machine, unitFolder }: FormerHost): Promise<readonly Thing[]> => {
  const own = join(env["XDG_CONFIG_HOME"] || join(homeOf(env), ".config"), "systemd/user");
  const found: Thing[] = [];
  for (const [folder, scope] of [
    [own, ["--user"]],
    [unitFolder, []],
  ] as const)
    for (const name of namesIn(folder).filter((each) => /^gatehouse.*\.service$/.test(each))) {
      const at = join(folder, name);
      const text = await readPlainFile(at).catch((error: unknown) => (systemCode(error), ""));
      if (!namesFolder(text, dataDir)) continue;
      const { is } = await readServiceFile(at);
      if (is !== "ours") found.push(staying(at, text.length, whyStays[is]));
      else
        found.push({
          at,
          bytes: text.length,
          stays: null,
          remove: async () => {
            const disabled = await ran(machine, ["systemctl", ...scope, "disable", "--now", name]);
            if (!disabled.ok) return disabled.error;
            const why = await removing(() => rm(at, { force: true }))();
            if (why === null) await ran(machine, ["systemctl", ...scope, "daemon-reload"]);
            return why;
          },
        });
    }
  return found;
};

const ran = async (
  { run }: FormerHost["machine"],
  command: readonly string[],
): Promise<Result<string, string>> => {
  const { exitCode, stdout, stderr } = await run(command);
  if (exitCode === 0) return ok(stdout);
  return fail(`${command[0] ?? ""} ended with ${exitCode}: ${stderr.trim()}`);
};

const listScript = `cd -- "$HOME/$0" 2>/dev/null || exit 0
for one; do [ -d "$one" ] && [ ! -L "$one" ] && du -sk -- "$one"; done; exit 0`;

const removeScript = `cd -- "$HOME/$0" 2>/dev/null || exit 0
for one; do rm -rf -- "$one" || exit 1; done
cd .. && rmdir agents 2>/dev/null && cd .. && rmdir .gatehouse 2>/dev/null; exit 0`;

/** The folders of this host's sessions in the homes of accounts, each listed and removed as that account. */
const filesOfAccounts = async ({ machine, accounts, sessions }: FormerHost): Promise<readonly Thing[]> => {
  const names = sessions.map((id) => basename(folderBelow("", id)));
  const found: Thing[] = [];
  for (const account of accounts) {
    const asked = (script: string): readonly string[] =>
      asAccount(account, [shell, "-c", script, agentFiles, ...names]);
    if (names.length === 0) continue;
    const listed = await ran(machine, asked(listScript));
    const at = `~${account}/${agentFiles}`;
    if (!listed.ok) {
      found.push({ at, bytes: null, stays: null, remove: async () => listed.error });
      continue;
    }
    const kilobytes = listed.value
      .split("\n")
      .flatMap((line) => (line === "" ? [] : [Number.parseInt(line, 10)]));
    if (kilobytes.length === 0) continue;
    const bytes = kilobytes.reduce((sum, each) => sum + each * 1024, 0);
    found.push({
      at,
      bytes,
      stays: null,
      remove: async () => {
        const removed = await ran(machine, asked(removeScript));
        return removed.ok ? null : removed.error;
      },
    });
  }
  return found;
};

/** The rules that `gatehouse users add` wrote for this data folder. */
const sudoRules = async ({ dataDir, sudoersFolder, accounts }: FormerHost): Promise<readonly Thing[]> => {
  const { host } = await sudoersOf(dataDir);
  const rule = new RegExp(`^gatehouse-${host}-\\d+$`);
  try {
    return readdirSync(sudoersFolder)
      .filter((name) => rule.test(name))
      .map((name) => fileAt(join(sudoersFolder, name)));
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || accounts.length === 0) return [];
    const at = join(sudoersFolder, `gatehouse-${host}-*`);
    return [{ at, bytes: null, stays: null, remove: async () => code }];
  }
};

const fileAt = (at: string): Thing => ({
  at,
  bytes: bytesOf(at),
  stays: null,
  remove: removing(() => rm(at, { force: true })),
});

/** What an interrupted `gatehouse users` left for root. */
const journals = async ({ dataDir, machine }: FormerHost): Promise<readonly Thing[]> => {
  const own = machine.journals.pathOf(join(dataDir, "users.yaml"));
  const folder = dirname(own);
  const others = namesIn(folder).filter((name) => !name.startsWith(basename(own)));
  if (!existsSync(folder) || (others.length > 0 && !existsSync(own))) return [];
  const remove = removing(async () => {
    for (const path of [own, `${own}.lock`]) await rm(path, { force: true });
    if (others.length === 0) await rmdir(folder);
  });
  return [{ at: others.length === 0 ? folder : own, bytes: bytesOf(own), stays: null, remove }];
};

const images = async ({ dataDir, env }: FormerHost): Promise<readonly Thing[]> =>
  (await builtImages(dataDir, env)).map((image) => ({
    at: `${image.engine} ${image.names[0] ?? image.id.replace("sha256:", "").slice(0, 12)}`,
    bytes: image.bytes,
    stays: null,
    isShared: true,
    remove: async () =>
      (await removeBuiltImage(image))
        ? null
        : "a container or another image uses it, perhaps of another host",
  }));

/** The entries of a data folder that a host makes and removes; docs/host/data-folder.md says what each is. */
const ofHost: readonly RegExp[] = [
  /^gatehouse\.db(-wal|-shm|-journal)?$/,
  /^(secrets|mcp-secrets|messengers|prices|mounts|providers|runtime|upstreams|shared-settings)\.json/,
  /^(agents|restored|succession|backup-schedule|backup-runs|log-head)\.json$/,
  /^(wire-tls\.pem|log\.key)/,
  /^(cli|sessions|containers|agent-sockets|agent-programs|processes|sandboxes|held|acts|launches|locks)$/,
  /^host\.(log(\.\d)?|pid)$/,
  /^(folder-id|disk-reserve|consents\.jsonl)$/,
  /\.(sock|new|lock)$/,
];

/** Copies of the database before a change of its schema. A person may keep backups beside them. */
const copyOfHost = /^gatehouse-v\d+-\w+\.db$/;

/** Why an entry of the data folder stays. */
const peoples: Readonly<Record<string, string>> = {
  groups: "the work of groups and their agents",
  users: "memory and history of people",
  "users.yaml": "your people",
  skills: "your skills",
  worktrees: "work of agents of launches",
};

/** The files that SQLite makes beside a database, also for who only reads it: they are one thing with it. */
const besideDatabase = ["-wal", "-shm", "-journal"].map((suffix) => `gatehouse.db${suffix}`);

const dataFiles = async ({ dataDir }: FormerHost): Promise<readonly Thing[]> => {
  const hidden = ["backups", "host.lock", ...(existsSync(centralFile(dataDir)) ? besideDatabase : [])];
  const top = namesIn(dataDir).filter((name) => !hidden.includes(name));
  const copies = namesIn(join(dataDir, "backups")).map((name) => join("backups", name));
  const entries = [...top, ...copies].map((name): Thing => {
    const at = join(dataDir, name);
    // The database goes last: a removal that is killed before finds it again.
    const paths = [...(name === "gatehouse.db" ? besideDatabase.map((each) => join(dataDir, each)) : []), at];
    const bytes = paths.reduce((sum, path) => sum + bytesOf(path), 0);
    const isHosts = name.startsWith("backups/")
      ? copyOfHost.test(basename(name))
      : ofHost.some((pattern) => pattern.test(name));
    if (!isHosts) return staying(at, bytes, peoples[name] ?? "no host made it");
    const remove = removing(() =>
      withOwnersRights(dataDir, async () => {
        for (const path of paths) await rm(path, { recursive: true, force: true });
      }),
    );
    return { at, bytes, stays: null, remove };
  });
  // What the database leads to goes before it.
  return entries.toSorted((one, other) => Number(isDatabase(one.at)) - Number(isDatabase(other.at)));
};

const isDatabase = (at: string): boolean => basename(at).startsWith("gatehouse.db");

/** Things outside that a person or other hosts use. */
const outside = async ({ dataDir, env, database }: FormerHost): Promise<readonly Thing[]> => {
  const schedule = await scheduleState(dataDir, Date.now());
  const to = schedule.ok ? schedule.value?.to : undefined;
  const keyFile = env["GATEHOUSE_KEY_FILE"] || undefined;
  return [
    ...(to === undefined ? [] : [staying(to, null, "your backups")]),
    ...(keyFile === undefined ? [] : [staying(keyFile, bytesOf(keyFile), "the key that hosts share")]),
    ...(database === null ? [] : [staying(database, null, "a database: dropdb, or drop its schema")]),
  ];
};

/** Removes the folders that are empty by now. */
export const removeEmptied = async (dataDir: string): Promise<void> => {
  for (const folder of [join(dataDir, "backups"), dataDir])
    try {
      await rmdir(folder);
    } catch (error) {
      // ENOTEMPTY: what is people's is in it. EACCES, EBUSY: the folder above is another account's, or it is a mount.
      systemCode(error);
    }
};

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder).toSorted();
  } catch (error) {
    systemCode(error);
    return [];
  }
};

/** The bytes of a file or of all files in a folder. Follows no link; what may not be read counts as nothing. */
const bytesOf = (path: string): number => {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return 0;
  if (!facts.isDirectory()) return facts.size;
  return namesIn(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0);
};
