import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Code } from "../index.ts";
import { runPreflight } from "./execute.ts";
import { makeBed, type Bed } from "./fake-claude.bed.ts";

const slow = { tags: ["slow"] };

type Swap = {
  readonly what: string;
  readonly replace: (folder: string, bed: Bed) => void;
  /** `not-a-folder`, unless said. */
  readonly code?: Code;
};

const swaps: readonly Swap[] = [
  { what: "a link to root", replace: (folder) => symlinkSync("/", folder) },
  { what: "a link to home", replace: (folder, { home }) => symlinkSync(home, folder) },
  {
    what: "a link to a folder that nobody named",
    replace: (folder, bed) => symlinkSync(bed.folder("c"), folder),
  },
  { what: "nothing", replace: () => {} },
  {
    what: "itself with a .git that cannot be read whole",
    replace: (folder) => {
      mkdirSync(folder);
      writeFileSync(join(folder, ".git"), `gitdir: x${"\n".repeat(1_048_576)}`);
    },
    code: "key-outside-folder",
  },
];

describe("a folder that is replaced after it was planned", () => {
  test.each(swaps)(
    "by $what, while it waits to be started: not trusted",
    slow,
    async ({ replace, code = "not-a-folder" }) => {
      const bed = makeBed();
      const [a, b] = [bed.folder("a"), bed.folder("b")];
      const { results } = await runPreflight(bed.request([a, b], { jobs: 1 }), {
        onProgress: ({ workspace, step }) => {
          if (workspace !== a || step !== "starting") return;
          rmSync(b, { recursive: true });
          replace(b, bed);
        },
      });
      expect(results).toMatchObject([{ code: "trusted" }, { code }]);
      expect(bed.trusted()).toEqual([a]);
      expect(bed.log().filter(({ event }) => event === "start")).toHaveLength(1);
    },
  );

  test.each(swaps)(
    "by $what, before the key: the key is not pressed",
    slow,
    async ({ replace, code = "not-a-folder" }) => {
      const bed = makeBed();
      const a = bed.folder("a");
      const { results } = await runPreflight(bed.request([a]), {
        onProgress: ({ step }) => {
          if (step !== "asked") return;
          rmSync(a, { recursive: true });
          replace(a, bed);
        },
      });
      expect(results).toMatchObject([{ code }]);
      expect(bed.trusted()).toEqual([]);
      expect(bed.log().filter(({ key }) => key === "\r")).toEqual([]);
      expect(bed.leftovers()).toEqual([]);
    },
  );
});
