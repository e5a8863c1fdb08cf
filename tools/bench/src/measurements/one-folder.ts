import type { ClaudeCli } from "../claude/find-cli.ts";
import { makeClaudeHome } from "../claude/claude-home.ts";
import { bareScript } from "../competitors/bare.ts";
import { whyAbsent, type Competitor } from "../competitors/competitor.ts";
import { expectScript } from "../competitors/expect.ts";
import { preflight } from "../competitors/preflight.ts";
import { gasCitySchedule, tmuxPolling } from "../competitors/tmux.ts";
import type { Contender, Figure, Measurement } from "../measurement.ts";

const competitors: readonly Competitor[] = [
  bareScript,
  preflight,
  expectScript,
  tmuxPolling(50),
  tmuxPolling(500),
  gasCitySchedule,
];

/** A new HOME and folder each time. A run counts if trust is on disk after the competitor is done. */
const timed = async ({ trust }: Competitor, cli: ClaudeCli): Promise<Figure> => {
  const claudeHome = await makeClaudeHome(1);
  const folder = claudeHome.folders[0] ?? "";
  const startedAt = performance.now();
  const done = await trust(cli, claudeHome, folder);
  const value = performance.now() - startedAt;
  const isTrusted = claudeHome.isTrusted(folder);
  await claudeHome.dispose();
  if (!done.ok) return done;
  return isTrusted ? { ok: true, value } : { ok: false, error: "trust was lost" };
};

export const oneFolder: Measurement = {
  name: "one-folder",
  title: "One new folder trusted by the real Claude Code, from spawning it to its end",
  unit: "ms",
  floor: bareScript.name,
  bounds: { [preflight.name]: { atMost: 1.15 } },
  rounds: { full: 25, quick: 5 },
  prepare: async ({ cli }) => {
    if (!cli.ok) return cli;
    const contenders: Contender[] = [];
    const absent: { name: string; reason: string }[] = [];
    for (const competitor of competitors) {
      const reason = await whyAbsent(competitor);
      if (reason === null)
        contenders.push({ name: competitor.name, run: () => timed(competitor, cli.value) });
      else absent.push({ name: competitor.name, reason });
    }
    return { ok: true, value: { contenders, absent } };
  },
};
