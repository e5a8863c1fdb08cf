// @module-tag rest
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { runPreflight } from "./execute.ts";
import { makeBed, setUpProfile, type Bed } from "@gatehouse/test-kit";
import { locksFolder } from "./turns/turn-lock.ts";

const slow = { tags: ["slow"] };

const plants = [
  { what: "a link to a file", plant: symlinkSync },
  { what: "a second name", plant: linkSync },
  { what: "a pipe", plant: (_: string, path: string) => void spawnSync("mkfifo", [path]) },
];

const locks = [
  { lock: "in HOME", env: () => ({}), path: ({ home }: Bed) => join(locksFolder(home), "claude") },
  {
    lock: "in CLAUDE_CONFIG_DIR",
    env: ({ root }: Bed) => ({ CLAUDE_CONFIG_DIR: join(root, "config") }),
    path: ({ root }: Bed) => join(root, "config", ".gatehouse.lock"),
  },
];

const isConfirmed = (bed: Bed): boolean => bed.log().some(({ key }) => key === "\r");

describe.for(locks)("the lock of a state file, $lock", ({ env, path }) => {
  test.for(plants)(
    "is not taken if $what is in its place, and nothing is confirmed",
    slow,
    async ({ plant }) => {
      const bed = makeBed();
      mkdirSync(join(bed.root, "config"));
      writeFileSync(join(bed.root, "config", ".claude.json"), JSON.stringify(setUpProfile));
      const victim = join(bed.root, "victim");
      writeFileSync(victim, "of somebody else\n");
      mkdirSync(dirname(path(bed)), { recursive: true });
      plant(victim, path(bed));
      const request = bed.request([bed.folder("project")]);
      const { results } = await runPreflight({ ...request, env: { ...request.env, ...env(bed) } });
      expect(results).toMatchObject([{ code: "trust-not-persisted" }]);
      expect(results[0]?.message).toContain(path(bed));
      expect(isConfirmed(bed)).toBe(false);
      expect(readFileSync(victim, "utf8")).toBe("of somebody else\n");
    },
  );
});

describe("a folder whose turn has no lock", () => {
  const places: readonly { what: string; make: (home: string) => void; says: string }[] = [
    {
      what: "~/.gatehouse is a file",
      make: (home) => writeFileSync(join(home, ".gatehouse"), ""),
      says: "EEXIST",
    },
    {
      what: "others may write ~/.gatehouse",
      make: (home) => {
        mkdirSync(join(home, ".gatehouse"));
        chmodSync(join(home, ".gatehouse"), 0o777);
      },
      says: "chmod go-w",
    },
  ];
  test.for(places)("is confirmed with a diagnostic if $what", slow, async ({ make, says }) => {
    const bed = makeBed();
    make(bed.home);
    const { results } = await runPreflight(bed.request([bed.folder("project")]));
    expect(results).toMatchObject([{ code: "trusted", diagnostics: [{ code: "lock-unavailable" }] }]);
    expect(results[0]?.diagnostics?.[0]?.message).toContain(says);
  });
});

test("a data folder that others may write is refused before anything is started", async () => {
  const bed = makeBed();
  mkdirSync(bed.dataDir);
  chmodSync(bed.dataDir, 0o777);
  const { results } = await runPreflight(bed.request([bed.folder("project")]));
  expect(results).toMatchObject([{ code: "trust-not-persisted" }]);
  expect(results[0]?.message).toContain(`chmod go-w ${bed.dataDir}`);
  expect(bed.log()).toEqual([]);
  expect(existsSync(join(bed.dataDir, "consents.jsonl"))).toBe(false);
});

test.for(plants)(
  "a ledger with $what in its place is refused, and nothing is confirmed",
  slow,
  async ({ plant }) => {
    const bed = makeBed();
    const victim = join(bed.root, "victim");
    writeFileSync(victim, "of somebody else\n");
    mkdirSync(bed.dataDir, { mode: 0o711 });
    plant(victim, join(bed.dataDir, "consents.jsonl"));
    const { results } = await runPreflight(bed.request([bed.folder("project")]));
    expect(results).toMatchObject([{ code: "trust-not-persisted" }]);
    expect(results[0]?.message).toContain(join(bed.dataDir, "consents.jsonl"));
    expect(isConfirmed(bed)).toBe(false);
    expect(readFileSync(victim, "utf8")).toBe("of somebody else\n");
  },
);
