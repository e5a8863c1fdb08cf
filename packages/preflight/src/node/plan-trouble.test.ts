import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeBed, type Bed } from "@gatehouse/test-kit";
import type { PreflightRequest } from "../index.ts";
import { planArgsOnly } from "./plan-args-only.ts";
import { planFull } from "./plan-full.ts";

type Row = {
  readonly what: string;
  readonly make: (bed: Bed) => Partial<PreflightRequest>;
  /** The verdict about Claude's folder; null: Claude will be asked. */
  readonly claude: string | null;
  /** The verdict about Codex's folder. Default: passed at launch. */
  readonly codex?: string;
};

// Rows of the seed's test plan, "Coordinator": plans are made before a run exists that could report a failure.
const rows: readonly Row[] = [
  {
    what: "a torn state",
    make: (bed) => (writeFileSync(bed.stateFile, '{"hasCompletedOnboarding":tr'), {}),
    claude: "state-unreadable",
  },
  {
    what: "a state that is not an object",
    make: (bed) => (writeFileSync(bed.stateFile, "[1,2]"), {}),
    claude: "state-unreadable",
  },
  {
    what: "a state that is a folder",
    make: (bed) => (rmSync(bed.stateFile), mkdirSync(bed.stateFile), {}),
    claude: "state-unreadable",
  },
  {
    what: "a torn config.toml of Codex",
    make: ({ home }) => {
      mkdirSync(join(home, ".codex"));
      writeFileSync(join(home, ".codex/config.toml"), '[projects."/a');
      return {};
    },
    claude: null,
    codex: "state-unreadable",
  },
  {
    what: "a relative folder of Claude's state",
    make: ({ request }) => ({ env: { ...request([]).env, CLAUDE_CONFIG_DIR: "cfg" } }),
    claude: "state-unreadable",
  },
  {
    what: "a folder of Codex's state with an unexpanded ~",
    make: ({ request }) => ({ env: { ...request([]).env, CODEX_HOME: "~/cfg" } }),
    claude: null,
    codex: "state-unreadable",
  },
  {
    what: "no CLI at all",
    make: ({ home }) => ({ env: { HOME: home, PATH: "/proc/nowhere:." } }),
    claude: "cli-not-found",
  },
  {
    what: "a CLI that is not executable",
    make: ({ root }) => {
      writeFileSync(join(root, "claude"), "");
      chmodSync(join(root, "claude"), 0o600);
      return { cli: { claude: join(root, "claude") } };
    },
    claude: "cli-not-found",
  },
  {
    what: "a request without a terminal, which opens none",
    make: () => ({ via: "control" }),
    claude: null,
  },
];

describe("planFull", () => {
  test.for(rows)(
    "makes a plan and does not throw, with $what",
    async ({ make, claude, codex = "passed-at-launch" }) => {
      const bed = makeBed();
      const folder = bed.folder("repo", { ".git/HEAD": "", ".git/objects/": "", ".git/refs/": "" });
      const request = bed.request([folder, join(bed.root, "no")], {
        providers: ["claude", "codex"],
        ...make(bed),
      });
      const { patches } = await planArgsOnly(request, ["default_model_probe"]);
      expect(patches.map(({ sourceWorkspaceIds }) => sourceWorkspaceIds)).toEqual(
        codex === "passed-at-launch" ? [[folder]] : [],
      );
      const { folders } = await planFull(request);
      expect(folders.map(({ provider, verdict }) => [provider, verdict?.code ?? null])).toEqual([
        ["claude", claude],
        ["codex", codex],
        ["claude", "not-a-folder"],
        ["codex", "not-a-folder"],
      ]);
      expect(bed.log()).toEqual([]);
      expect(bed.leftovers()).toEqual([]);
    },
  );
});
