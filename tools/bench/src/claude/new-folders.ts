import { join } from "node:path";
import { runPreflight } from "@trust/preflight/node";
import { timeOf, type Contender, type Measurement } from "../measurement.ts";
import { makeClaudeHome, type ClaudeHome } from "./claude-home.ts";
import { runControlScript } from "./control-script.ts";
import type { ClaudeCli } from "./find-cli.ts";

const floor = "bare control script";

/** Preflight in this process, as an application calls it: over the CLI's protocol, or through its dialogs. */
const preflight = async (cli: ClaudeCli, home: ClaudeHome, via: "control" | "dialog"): Promise<void> => {
  const { root, folders, env } = home;
  await runPreflight({ folders, env, dataDir: join(root, "data"), cli: { claude: cli.path }, via });
};

/** New folders of a new HOME in each run. A run counts if all of them are trusted on disk at its end. */
const trusting = (name: string, count: number, work: (home: ClaudeHome) => Promise<void>): Contender => ({
  name,
  run: async () => {
    const home = await makeClaudeHome(count);
    try {
      const value = await timeOf(() => work(home));
      const lost = home.untrusted().length;
      return lost === 0 ? { ok: true, value } : { ok: false, error: `${lost} not trusted` };
    } finally {
      await home.dispose();
    }
  },
});

const folders = (name: string, count: number, rounds: Measurement["rounds"]): Measurement => ({
  name,
  title: `New folders of one HOME, trusted by the real Claude Code: ${count}, until its last process has ended`,
  unit: "ms",
  floor,
  rounds,
  prepare: async ({ cli }) => {
    if (!cli.ok) return cli;
    const contenders = [
      trusting(floor, count, (home) => runControlScript(cli.value, home)),
      trusting("preflight by control", count, (home) => preflight(cli.value, home, "control")),
      trusting("preflight by dialog", count, (home) => preflight(cli.value, home, "dialog")),
    ];
    return { ok: true, value: contenders };
  },
});

export const newFolders: readonly Measurement[] = [
  folders("one-folder", 1, { full: 15, quick: 3 }),
  folders("16-folders", 16, { full: 9, quick: 2 }),
];
