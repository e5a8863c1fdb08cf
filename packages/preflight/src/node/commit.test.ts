import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { PendingFolder } from "../index.ts";
import { createCommit, type Commit } from "./commit.ts";
import { readConsents } from "./ledger-file.ts";
import { createTurns, type Turns } from "./turns.ts";

const never = new AbortController().signal;

type Bed = { readonly commit: Commit; readonly turns: Turns; readonly ledger: string };

const makeBed = (isTrusted: () => Promise<boolean>, ledgerName = "consents.jsonl"): Bed => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "commit-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const folder: PendingFolder = {
    workspace: root,
    provider: "claude",
    paths: { given: root, real: root, gitRoot: null, mainRoot: null, pointed: [], home: "/home/ada" },
    trustKey: root,
    grants: [],
    verdict: null,
    durationMs: 0,
  };
  const [turns, ledger] = [createTurns(join(root, "lock"), 5_000), join(root, ledgerName)];
  const batch = {
    file: join(root, ".claude.json"),
    ledger,
    cli: { path: "/bin/claude", version: null },
    turns,
    home: "/home/ada",
    keyOf: () => root,
    isTrusted,
  };
  return { turns, ledger, commit: createCommit([folder], batch, never, () => {}) };
};

/** Whether the next folder of the batch has its turn. */
const nextHasTurn = async (turns: Turns): Promise<boolean> => {
  const taken = await turns.take({ signal: never, onWait: () => {} });
  if (taken.ok) await taken.value.end();
  return taken.ok;
};

describe("a commit", () => {
  test("begins with the consent on record, and holds the turn until it is ended", async () => {
    const { commit, turns, ledger } = makeBed(async () => false);
    await commit.begin();
    expect(await readConsents(ledger)).toMatchObject({ value: { consents: [{ outcome: "unfinished" }] } });
    let isNext = false;
    const next = nextHasTurn(turns).then(() => (isNext = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isNext).toBe(false);
    expect(await commit.endTurn()).toEqual([]);
    await next;
  });

  test("is refused where somebody else confirmed meanwhile, and gives its turn back", async () => {
    const { commit, turns } = makeBed(async () => true);
    await expect(commit.begin()).rejects.toThrow("not committed");
    expect(commit.refusal()).toMatchObject({ code: "already-trusted-after-wait" });
    expect(await commit.endTurn()).toEqual([]);
    expect(await nextHasTurn(turns)).toBe(true);
  });

  test("is refused without a turn where nothing can be put on record", async () => {
    const { commit } = makeBed(async () => false, "no/folder/consents.jsonl");
    await expect(commit.begin()).rejects.toThrow("not committed");
    expect(commit.refusal()).toMatchObject({ reason: { type: "ledger-not-writable" } });
    expect(await commit.close("trust-not-persisted")).toEqual([]);
  });

  test("that a bug stopped is no cancellation, and gives its turn back too", async () => {
    const { commit, turns } = makeBed(async () => {
      throw new TypeError("a bug");
    });
    await expect(commit.begin()).rejects.toThrow("a bug");
    expect(commit.refusal()).toBeNull();
    await expect(commit.endTurn()).rejects.toThrow("a bug");
    expect(await nextHasTurn(turns)).toBe(true);
  });
});
