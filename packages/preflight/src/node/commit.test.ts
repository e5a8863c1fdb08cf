import { spawn } from "node:child_process";
import { setMaxListeners } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { WorkspacePaths } from "@trust/claude-state-probe";
import type { PendingFolder, Result } from "../index.ts";
import { createCommit, type Commit } from "./commit.ts";
import { folderIdentity } from "./same-folder/folder-identity.ts";
import { createReadKeys } from "./read-keys.ts";
import { keyStamp, checkProgram } from "./same-folder/check-program.ts";
import { readConsents } from "./ledger-file.ts";
import { createTurns, type TakeTurn } from "./turns/turns.ts";

const never = new AbortController().signal;
setMaxListeners(0, never);

type Bed = {
  readonly commit: Commit;
  readonly takeTurn: TakeTurn;
  readonly ledger: string;
  /** The folder to trust, inside its own throw-away folder. */
  readonly folder: string;
};

type BedOptions = {
  readonly ledgerName?: string;
  /** The folder in which the program starts; default: the folder to trust. */
  readonly startIn?: (folder: string) => string;
  readonly trustedKeys?: () => Promise<Result<readonly string[], string>>;
};

/** Resolves when the program itself runs in its folder, not the fork before it. */
const startedIn = async (cwd: string): Promise<number> => {
  const child = spawn("sh", ["-c", "echo; exec sleep 60"], { cwd, stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return child.pid ?? 0;
};

const makeBed = async (isTrusted: () => Promise<boolean>, options: BedOptions = {}): Promise<Bed> => {
  const { ledgerName = "consents.jsonl", startIn = (folder) => folder } = options;
  const { trustedKeys = async () => ({ ok: true, value: [] }) } = options;
  const root = realpathSync(mkdtempSync(join(tmpdir(), "commit-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const named = join(root, "folder");
  mkdirSync(named);
  const folder: PendingFolder = {
    workspace: named,
    provider: "claude",
    paths: {
      given: named,
      real: named,
      gitRoot: null,
      mainRoot: null,
      pointed: [],
      doubt: null,
      readSoSince: null,
      home: "/home/ada",
    },
    trustKey: named,
    identity: folderIdentity(named),
    grants: [],
    verdict: null,
    durationMs: 0,
  };
  const [file, ledger] = [join(root, ".claude.json"), join(root, ledgerName)];
  const takeTurn = createTurns({ path: join(root, "lock"), unavailable: null }, file, 5_000);
  const batch = {
    file,
    ledger,
    cli: { path: "/bin/claude", version: null },
    takeTurn,
    home: "/home/ada",
    readKeys: createReadKeys(trustedKeys, () => new Set([named])),
    keyOf: ({ real }: WorkspacePaths) => real,
    isTrusted,
    grantsOf: async () => [],
    refuseGrants: false,
  };
  const pid = await startedIn(startIn(named));
  return {
    takeTurn,
    ledger,
    folder: named,
    commit: createCommit(
      [folder],
      { via: "dialog", finalCheck: checkProgram(folder, { pid, stamp: keyStamp(folder.paths) }) },
      batch,
      never,
      () => {},
    ),
  };
};

/** Resolves with true when the next folder of the batch gets its turn. */
const nextHasTurn = async (takeTurn: TakeTurn): Promise<boolean> => {
  const taken = await takeTurn(never, () => {});
  if (taken.ok) await taken.value.end();
  return taken.ok;
};

describe("a commit", () => {
  test("begins with a recorded consent, and holds the turn until it ends", async () => {
    const { commit, takeTurn, ledger } = await makeBed(async () => false);
    await commit.begin();
    expect(await readConsents(ledger)).toMatchObject({ value: { consents: [{ outcome: "unfinished" }] } });
    let isNext = false;
    const next = nextHasTurn(takeTurn).then(() => (isNext = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isNext).toBe(false);
    expect(await commit.endTurn()).toEqual([]);
    await next;
  });

  test("is refused if another process confirmed meanwhile, and ends its turn", async () => {
    const { commit, takeTurn } = await makeBed(async () => true);
    await expect(commit.begin()).rejects.toThrow("not committed");
    expect(commit.refusal()).toMatchObject({ code: "already-trusted-after-wait" });
    expect(await commit.endTurn()).toEqual([]);
    expect(await nextHasTurn(takeTurn)).toBe(true);
  });

  test("is refused without a turn if the consent cannot be recorded", async () => {
    const { commit } = await makeBed(async () => false, { ledgerName: "no/folder/consents.jsonl" });
    await expect(commit.begin()).rejects.toThrow("not committed");
    expect(commit.refusal()).toMatchObject({ reason: { type: "ledger-not-writable" } });
    expect(await commit.close("trust-not-persisted")).toEqual([]);
  });

  const swaps: readonly { what: string; code: string; swap: (folder: string) => void }[] = [
    {
      what: "another folder of the same name",
      code: "key-outside-folder",
      swap: (folder) => {
        renameSync(folder, `${folder}.moved`);
        mkdirSync(folder);
      },
    },
    {
      what: "a link to the moved folder",
      code: "key-outside-folder",
      swap: (folder) => {
        renameSync(folder, `${folder}.moved`);
        symlinkSync(`${folder}.moved`, folder);
      },
    },
    { what: "a repository", code: "key-outside-folder", swap: (folder) => mkdirSync(join(folder, ".git")) },
    {
      what: "a folder in a repository",
      code: "key-outside-folder",
      swap: (folder) => mkdirSync(join(folder, "..", ".git")),
    },
    { what: "nothing", code: "not-a-folder", swap: (folder) => rmSync(folder, { recursive: true }) },
  ];
  test.each(swaps)("is refused if the folder was replaced by $what", async ({ code, swap }) => {
    const { commit, folder } = await makeBed(async () => false);
    swap(folder);
    await expect(commit.begin()).rejects.toThrow("not committed");
    expect(commit.refusal()).toMatchObject({ code });
    await commit.endTurn();
  });

  const places: readonly { what: string; startIn: (folder: string) => string }[] = [
    { what: "in another folder", startIn: () => "/" },
    {
      what: "while a link was in the folder's place",
      startIn: (folder) => {
        const [moved, link] = [`${folder}.moved`, `${folder}.link`];
        symlinkSync("/", link);
        renameSync(folder, moved);
        renameSync(link, folder);
        return folder;
      },
    },
  ];
  test.each(places)("is refused if the program was started $what", async ({ startIn }) => {
    const { commit, folder } = await makeBed(async () => false, { startIn });
    rmSync(folder, { recursive: true, force: true });
    try {
      renameSync(`${folder}.moved`, folder);
    } catch {
      mkdirSync(folder);
    }
    await expect(commit.begin()).rejects.toThrow("not committed");
    expect(commit.refusal()).toMatchObject({ code: "key-outside-folder" });
    await commit.endTurn();
  });

  test("is refused if the state cannot be read before the key", async () => {
    const { commit } = await makeBed(async () => false, {
      trustedKeys: async () => ({ ok: false, error: "EACCES" }),
    });
    await expect(commit.begin()).rejects.toThrow("not committed");
    expect(commit.refusal()).toMatchObject({ code: "state-unreadable", why: "EACCES" });
    await commit.endTurn();
  });

  test("returns and sorts the keys that became trusted since its key, once", async () => {
    let keys: readonly string[] = ["/before"];
    const { commit, folder } = await makeBed(async () => false, {
      trustedKeys: async () => ({ ok: true, value: keys }),
    });
    await commit.begin();
    keys = ["/before", folder, "/", "/of/a/person"];
    expect(await commit.strayKeys()).toEqual({ wider: ["/"], others: ["/of/a/person"] });
    expect(await commit.strayKeys()).toEqual({ wider: [], others: [] });
    expect(await commit.endTurn()).toMatchObject([{ code: "unplanned-key" }]);
  });

  test("reports a state that cannot be read after the key", async () => {
    let read: Result<readonly string[], string> = { ok: true, value: [] };
    const { commit } = await makeBed(async () => false, { trustedKeys: async () => read });
    await commit.begin();
    read = { ok: false, error: "EACCES" };
    expect(await commit.strayKeys()).toEqual({ wider: [], others: [] });
    expect(await commit.endTurn()).toMatchObject([{ code: "keys-unread" }]);
  });

  test("rejects with the error of a bug, not as a cancellation, and ends its turn", async () => {
    const { commit, takeTurn } = await makeBed(async () => {
      throw new TypeError("a bug");
    });
    await expect(commit.begin()).rejects.toThrow("a bug");
    expect(commit.refusal()).toBeNull();
    await expect(commit.endTurn()).rejects.toThrow("a bug");
    expect(await nextHasTurn(takeTurn)).toBe(true);
  });
});
