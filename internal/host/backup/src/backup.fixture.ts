import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { openedCentral, addRow, temporaryFolder } from "@gatehouse/central-database/testing";
import type { Failure } from "@gatehouse/cli-kit";
import type { Result } from "@gatehouse/std";
import { expect } from "vitest";
import { decrypterOf, encrypterFor, type Keys, type Recipients } from "./encryption.ts";
import { openBackup, type ReadBackup } from "./read-backup.ts";
import { restoreBackup, verifyBackup, type RestoreOptions } from "./restore-backup.ts";
import { writeBackup, type Backup, type BackupOptions } from "./write-backup.ts";

/** Secrets that are in the files of `usedFolder`. */
export const secretTexts: readonly string[] = ["sk-ant-key", "mcp-value", "123:bot-token", "PRIVATE-OF-TLS"];

const longName = `${"very-".repeat(45)}long`;

const files: readonly (readonly [path: string, text: string, mode: number])[] = [
  ["groups/ana/CLAUDE.md", "# Ana\n", 0o644],
  ["groups/ana/empty", "", 0o600],
  ["groups/ana/with blanks and 'quotes'.txt", "a", 0o640],
  ["groups/ana/grüße-日本語.txt", "ä", 0o644],
  ["groups/ana/two\nlines", "a name with a line break", 0o644],
  [`groups/ana/${longName}/${longName}/deep.txt`, "deep", 0o644],
  ["groups/ana/run.sh", "#!/bin/sh\n", 0o755],
  ["groups/ana/read-only", "not to be written", 0o444],
  ["groups/ana/large.bin", "0123456789".repeat(150_000), 0o644],
  ["users/memory/7/notes.md", "likes tea\n", 0o600],
  ["users/history/7/2026-11.jsonl", "{}\n", 0o600],
  ["users.yaml", "users: []\n", 0o644],
  ["mounts.json", "[]", 0o600],
  ["upstreams.json", "{}", 0o600],
  ["prices.json", "{}", 0o600],
  ["log-head.json", "{}", 0o600],
  ["backup-schedule.json", "{}", 0o600],
  ["skills/review/SKILL.md", "review\n", 0o644],
  ["sessions/ag-1/se-1/home/.claude.json", "{}", 0o600],
  ["folder-of-a-later-version/file", "kept", 0o600],
];

const secrets: readonly (readonly [path: string, text: string])[] = [
  ["secrets.json", "sk-ant-key"],
  ["mcp-secrets.json", "mcp-value"],
  ["messengers.json", "123:bot-token"],
  ["messengers.json.before", "123:bot-token"],
  ["wire-tls.pem", "PRIVATE-OF-TLS"],
  ["log.key", "KEY-OF-THE-LOG"],
];

const madeAnew = [
  "agent-programs/node",
  "disk-reserve",
  "host.pid",
  "host.lock",
  "folder-id",
  "backup-runs.json",
  "processes/one.json",
  "held/states/one.json",
  "backups/gatehouse-v9-20261120T080000Z.db",
  "users.yaml.5c1a.new",
];

/** A data folder that was used, with a database of one group. Its database is closed. */
export const usedFolder = async (): Promise<string> => {
  const dataDir = join(temporaryFolder(), "data");
  const { db, close } = await openedCentral(dataDir);
  await addRow(db, "agent_groups");
  await close();
  for (const [path, text, mode] of [
    ...files,
    ...secrets.map(([path, text]) => [path, text, 0o600] as const),
    ...madeAnew.map((path) => [path, "made anew", 0o600] as const),
  ]) {
    mkdirSync(join(dataDir, path, ".."), { recursive: true });
    writeFileSync(join(dataDir, path), text);
    chmodSync(join(dataDir, path), mode);
    utimesSync(join(dataDir, path), 1_700_000_000, 1_700_000_000);
  }
  mkdirSync(join(dataDir, "groups/ana/empty folder"), { mode: 0o750 });
  symlinkSync("CLAUDE.md", join(dataDir, "groups/ana/link"));
  symlinkSync("/proc/nowhere", join(dataDir, "groups/ana/dangling"));
  symlinkSync(".", join(dataDir, "groups/ana/loop"));
  symlinkSync(`${longName}/${longName}/grüße`, join(dataDir, "groups/ana/long link"));
  chmodSync(join(dataDir, "users"), 0o711);
  chmodSync(join(dataDir, "users/memory/7"), 0o700);
  return dataDir;
};

/** What a restore writes, and no backup brings. */
const marks: ReadonlySet<string> = new Set(["restored.json", "succession.json"]);

const isMadeAnew = (path: string): boolean =>
  madeAnew.some((made) => made === path || made.startsWith(`${path}/`)) || path.startsWith("gatehouse.db");

const isSecret = (path: string): boolean => secrets.some(([secret]) => secret === path);

/** What a restored folder has of a data folder: a text for each entry. Without the database. */
export const contentOf = (
  dataDir: string,
  { withSecrets = false }: { readonly withSecrets?: boolean } = {},
): Readonly<Record<string, string>> => {
  const found: Record<string, string> = {};
  const read = (below: string): void => {
    for (const name of readdirSync(join(dataDir, below))) {
      const path = join(below, name);
      if (isMadeAnew(path) || marks.has(path) || (!withSecrets && isSecret(path))) continue;
      const facts = lstatSync(join(dataDir, path));
      const mode = (facts.mode & 0o7777).toString(8);
      if (facts.isSymbolicLink()) found[path] = `link to ${readlinkSync(join(dataDir, path))}`;
      else if (facts.isDirectory()) {
        found[path] = `folder ${mode}`;
        read(path);
      } else if (facts.isFile())
        found[path] =
          `file ${mode} ${Math.floor(facts.mtimeMs / 1000)} ${readFileSync(join(dataDir, path), "utf8")}`;
    }
  };
  read("");
  return found;
};

const never = new AbortController().signal;

/** Makes a backup beside the data folder. */
export const backUp = async (
  dataDir: string,
  { to, ...options }: Partial<Omit<BackupOptions, "dataDir">> & { readonly to?: Recipients } = {},
): Promise<Result<Backup, Failure> & { readonly file: string }> => {
  const encrypter = to === undefined ? null : encrypterFor(to);
  if (encrypter?.ok === false) expect.fail(encrypter.error);
  const file = options.file ?? join(dataDir, "../backup.tar");
  const made = await writeBackup({
    dataDir,
    file,
    version: "1.2.3",
    database: "sqlite",
    encrypter: encrypter?.value ?? null,
    withSecrets: false,
    keyFile: null,
    signal: never,
    ...options,
  });
  return { ...made, file };
};

/** Makes a backup that must succeed. */
export const backedUp = async (
  ...args: Parameters<typeof backUp>
): Promise<Backup & { readonly file: string }> => {
  const made = await backUp(...args);
  if (!made.ok) expect.fail(`${made.error.code}: ${made.error.message}`);
  return { ...made.value, file: made.file };
};

const decrypterFor = (keys: Partial<Keys> | undefined) => {
  if (keys === undefined) return null;
  const decrypter = decrypterOf({ identities: [], passphrase: null, ...keys });
  return decrypter.ok ? decrypter.value : expect.fail("no identity");
};

type Opened = { readonly keys?: Partial<Keys>; readonly signal?: AbortSignal };

export const verify = async (
  file: string,
  { keys, signal = never }: Opened = {},
): Promise<Result<ReadBackup, Failure>> => {
  const opened = await openBackup(file);
  if (!opened.ok) expect.fail(opened.error.code);
  try {
    return await verifyBackup(opened.value, { decrypter: decrypterFor(keys), signal });
  } finally {
    await opened.value.handle.close();
  }
};

export const restore = async (
  file: string,
  dataDir: string,
  { keys, signal = never, ...options }: Opened & Partial<RestoreOptions> = {},
): Promise<Result<ReadBackup, Failure>> => {
  const opened = await openBackup(file);
  if (!opened.ok) expect.fail(opened.error.code);
  try {
    const decrypter = decrypterFor(keys);
    return await restoreBackup(opened.value, { dataDir, as: null, decrypter, signal, ...options });
  } finally {
    await opened.value.handle.close();
  }
};
