import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ConsentRecord } from "../index.ts";
import { acquireFileLock } from "@gatehouse/fs-kit";
import { appendConsents, readConsents } from "./ledger-file.ts";

const isRoot = process.geteuid?.() === 0;
const stranger = 4711;

type OwnFolder = { readonly folder: string; readonly victim: string };

const text = "of somebody else\n";

const makePlace = (): OwnFolder => {
  const folder = realpathSync(mkdtempSync("/tmp/own-files-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const victim = join(folder, "victim");
  writeFileSync(victim, text, { mode: 0o644 });
  return { folder, victim };
};

/** Entries that another account may have put in the place of our file. */
const planted: readonly {
  readonly what: string;
  readonly code: string;
  readonly needsRoot?: true;
  readonly plant: (path: string, place: OwnFolder) => void;
}[] = [
  { what: "a link to a file", code: "link", plant: (path, { victim }) => symlinkSync(victim, path) },
  {
    what: "a link to nothing",
    code: "link",
    plant: (path, { folder }) => symlinkSync(join(folder, "nothing"), path),
  },
  { what: "a link to a folder", code: "link", plant: (path, { folder }) => symlinkSync(folder, path) },
  { what: "a second name", code: "more-names", plant: (path, { victim }) => linkSync(victim, path) },
  { what: "a pipe", code: "not-a-file", plant: (path) => void spawnSync("mkfifo", [path]) },
  {
    what: "a device",
    code: "not-a-file",
    needsRoot: true,
    plant: (path) => void spawnSync("mknod", [path, "c", "1", "3"]),
  },
  {
    what: "a file of another account",
    code: "foreign-owner",
    needsRoot: true,
    plant: (path) => {
      writeFileSync(path, text);
      chownSync(path, stranger, stranger);
    },
  },
];

const record: ConsentRecord = {
  v: 1,
  id: "1",
  event: "asked",
  at: "2026-11-20T08:00:00.000Z",
  who: { name: "ada", uid: 1000 },
  provider: "claude",
  via: "control",
  cliVersion: null,
  folder: "/w",
  key: "/w",
  grants: [],
};

const uses = [
  {
    file: "the ledger",
    name: "consents.jsonl",
    refused: "ledger-unsafe",
    use: (path: string) => appendConsents(path, [record]),
  },
  { file: "the ledger, read", name: "consents.jsonl", refused: "ledger-unsafe", use: readConsents },
  {
    file: "a lock",
    name: "host.lock",
    refused: "lock-unsafe",
    use: (path: string) => acquireFileLock({ path, timeoutMs: 500 }),
  },
];

describe.for(uses)("$file", ({ name, refused, use }) => {
  test("fails if a folder is in its place", async () => {
    const path = join(makePlace().folder, name);
    mkdirSync(path);
    const error = { code: refused.replace("unsafe", "unavailable"), detail: `EISDIR: ${path}` };
    expect(await use(path)).toEqual({ ok: false, error });
  });

  test.for(planted)("is refused if $what is in its place, which stays unchanged", async (row, { skip }) => {
    skip(row.needsRoot === true && !isRoot, "only root makes devices and files of other accounts");
    const place = makePlace();
    const path = join(place.folder, name);
    row.plant(path, place);
    expect(await use(path)).toMatchObject({
      ok: false,
      error: { code: refused, place: { code: row.code, path } },
    });
    expect(readFileSync(place.victim, "utf8")).toBe(text);
    expect(statSync(place.victim)).toMatchObject({ nlink: row.code === "more-names" ? 2 : 1 });
    if (row.code === "foreign-owner") expect(readFileSync(path, "utf8")).toBe(text);
  });
});

describe("the files that root makes in a folder of another account", () => {
  test.runIf(isRoot)("belong to that account (not root: skipped)", async () => {
    const { folder } = makePlace();
    chmodSync(folder, 0o711);
    chownSync(folder, stranger, stranger);
    const [lock, ledger] = [join(folder, "host.lock"), join(folder, "consents.jsonl")];
    const held = await acquireFileLock({ path: lock, timeoutMs: 500 });
    expect(statSync(lock)).toMatchObject({ uid: stranger, gid: stranger, mode: 0o100600 });
    if (held.ok) await held.value.release();
    for (let times = 0; times < 2; times += 1)
      expect(await appendConsents(ledger, [record])).toEqual({ ok: true, value: null });
    expect(statSync(ledger)).toMatchObject({ uid: stranger, gid: stranger, mode: 0o100600 });
  });
});
