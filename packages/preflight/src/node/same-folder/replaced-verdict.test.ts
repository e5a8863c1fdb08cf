// @module-tag rest
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runPreflight } from "../execute.ts";
import { makeBed, setUpProfile, type Bed, steps } from "@gatehouse/test-kit";

const slow = { tags: ["slow"] };

type Swap = {
  readonly what: string;
  readonly code?: "not-a-folder";
  readonly replace: (folder: string, bed: Bed) => void;
};

const swaps: readonly Swap[] = [
  { what: "a link to root", replace: (folder) => symlinkSync("/", folder) },
  { what: "a link to home", replace: (folder, { home }) => symlinkSync(home, folder) },
  {
    what: "a link to a folder that was not named",
    replace: (folder, bed) => symlinkSync(bed.folder("c"), folder),
  },
  { what: "another folder", replace: (folder) => mkdirSync(folder) },
  {
    what: "a repository",
    replace: (folder) => mkdirSync(join(folder, ".git", "objects"), { recursive: true }),
  },
  { what: "nothing", code: "not-a-folder", replace: () => {} },
  {
    what: "itself with a .git that is too long to read",
    replace: (folder) => {
      mkdirSync(folder);
      writeFileSync(join(folder, ".git"), `gitdir: x${"\n".repeat(1_048_576)}`);
    },
  },
];

describe("a folder that is replaced after it was planned", () => {
  test.each(swaps)(
    "is not trusted if it becomes $what while it waits to be started",
    slow,
    async ({ replace, code = "key-outside-folder" }) => {
      const bed = makeBed();
      const [a, b] = [bed.folder("a"), bed.folder("b")];
      const { results } = await runPreflight(bed.request([a, b], { jobs: 1 }), {
        onProgress: steps(({ workspace, step }) => {
          if (workspace !== a || step !== "starting") return;
          renameSync(b, `${b}.gone`);
          replace(b, bed);
        }),
      });
      expect(results).toMatchObject([{ code: "trusted" }, { code }]);
      expect(bed.trusted()).toEqual([a]);
      expect(bed.log().filter(({ event }) => event === "start")).toHaveLength(1);
    },
  );

  test.each(swaps)(
    "gets no key if it becomes $what before the key",
    slow,
    async ({ replace, code = "key-outside-folder" }) => {
      const bed = makeBed();
      const a = bed.folder("a");
      const { results } = await runPreflight(bed.request([a]), {
        onProgress: steps(({ step }) => {
          if (step !== "asked") return;
          renameSync(a, `${a}.gone`);
          replace(a, bed);
        }),
      });
      expect(results).toMatchObject([{ code }]);
      expect(bed.trusted()).toEqual([]);
      expect(bed.log().filter(({ key }) => key === "\r")).toEqual([]);
      expect(bed.leftovers()).toEqual([]);
    },
  );

  test.each(swaps.filter(({ code }) => code === undefined))(
    "is not asked about again if it becomes $what after it was trusted",
    slow,
    async ({ replace }) => {
      const bed = makeBed();
      const a = bed.folder("a");
      const { results } = await runPreflight(bed.request([a]), {
        onProgress: steps(({ step }) => {
          if (step !== "done") return;
          renameSync(a, `${a}.gone`);
          replace(a, bed);
          writeFileSync(bed.stateFile, JSON.stringify(setUpProfile));
        }),
      });
      expect(results).toMatchObject([{ code: "key-outside-folder", trustKey: a }]);
      expect(bed.trusted()).toEqual([]);
      expect(bed.log().filter(({ event }) => event === "start")).toHaveLength(1);
    },
  );

  test("gets no key if its .git names another repository before the key", slow, async () => {
    const bed = makeBed();
    const files = { ".git/HEAD": "ref: refs/heads/main\n", ".git/objects/": "", ".git/refs/": "" };
    const [mine, other] = [bed.folder("mine", files), bed.folder("other", files)];
    const worktree = bed.folder("wt", { ".git": `gitdir: ${mine}/.git/worktrees/wt\n` });
    for (const main of [mine, other])
      bed.folder(join(main.slice(bed.root.length + 1), ".git", "worktrees", "wt"), {
        commondir: "../..\n",
        gitdir: `${worktree}/.git\n`,
        HEAD: "ref: refs/heads/wt\n",
      });
    const { results } = await runPreflight(bed.request([worktree]), {
      onProgress: steps(({ step }) => {
        if (step === "asked") writeFileSync(join(worktree, ".git"), `gitdir: ${other}/.git/worktrees/wt\n`);
      }),
    });
    expect(results).toMatchObject([{ code: "key-outside-folder", trustKey: mine }]);
    expect(bed.trusted()).toEqual([]);
  });
});

const around: readonly { what: string; of: (bed: Bed) => { named: string; swapped: string } }[] = [
  {
    what: "the folder itself",
    of: (bed) => {
      const named = bed.folder("theirs/a");
      return { named, swapped: named };
    },
  },
  {
    what: "a folder above it",
    of: (bed) => {
      const named = bed.folder("theirs/above/a");
      return { named, swapped: join(named, "..") };
    },
  },
];

describe("a folder that is swapped for a link while its CLI starts, and back", () => {
  test.each(around)("gets no key and no trust, and is key-outside-folder: $what", slow, async ({ of }) => {
    const bed = makeBed();
    const { named, swapped } = of(bed);
    const victim = bed.folder("victim", {
      ".git/HEAD": "ref: refs/heads/main\n",
      ".git/objects/": "",
      ".git/refs/": "",
      "a/": "",
    });
    const moved = `${swapped}.moved`;
    const { results } = await runPreflight(bed.request([named]), {
      onProgress: steps(({ step }) => {
        if (step === "starting") {
          renameSync(swapped, moved);
          symlinkSync(victim, swapped);
        }
        if (step !== "asked") return;
        rmSync(swapped);
        renameSync(moved, swapped);
      }),
    });
    expect(bed.log()[0]?.cwd.startsWith(victim)).toBe(true);
    expect(results).toMatchObject([{ code: "key-outside-folder", status: "blocked", trustKey: named }]);
    expect(results[0]?.message).toContain(victim);
    expect(bed.trusted()).toEqual([]);
    expect(bed.log().filter(({ key }) => key === "\r")).toEqual([]);
    expect(bed.leftovers()).toEqual([]);
  });
});
