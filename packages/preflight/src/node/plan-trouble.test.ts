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
  /** The verdict on Claude's folder: null, it will be asked about. */
  readonly claude: string | null;
  /** The verdict on Codex's. Default: it is passed at launch. */
  readonly codex?: string;
};

// Rows of the seed's test plan, "Coordinator": the plans are made before there is a run that could tell a failure.
const rows: readonly Row[] = [
  {
    what: "a state that is torn",
    make: (bed) => (writeFileSync(bed.stateFile, '{"hasCompletedOnboarding":tr'), {}),
    claude: "state-unreadable",
  },
  {
    what: "a state that is no object",
    make: (bed) => (writeFileSync(bed.stateFile, "[1,2]"), {}),
    claude: "state-unreadable",
  },
  {
    what: "a state that is a folder",
    make: (bed) => (rmSync(bed.stateFile), mkdirSync(bed.stateFile), {}),
    claude: "state-unreadable",
  },
  {
    what: "a config.toml of Codex that is torn",
    make: ({ home }) => {
      mkdirSync(join(home, ".codex"));
      writeFileSync(join(home, ".codex/config.toml"), '[projects."/a');
      return {};
    },
    claude: null,
    codex: "state-unreadable",
  },
  {
    what: "no CLI at all",
    make: ({ home }) => ({ env: { HOME: home, PATH: "/nowhere:." } }),
    claude: "cli-not-found",
  },
  {
    what: "a CLI that nobody may execute",
    make: ({ root }) => {
      writeFileSync(join(root, "claude"), "");
      chmodSync(join(root, "claude"), 0o600);
      return { cli: { claude: join(root, "claude") } };
    },
    claude: "cli-not-found",
  },
  {
    what: "a request that allows no terminal, and none is opened",
    make: () => ({ via: "control" }),
    claude: null,
  },
];

describe("a plan is made, and nothing throws, with", () => {
  test.for(rows)("$what", async ({ make, claude, codex = "passed-at-launch" }) => {
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
  });
});
