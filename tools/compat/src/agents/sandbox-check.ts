import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import type { Box } from "../box/box.ts";
import { differs } from "../check/differs.ts";
import type { InstalledCli } from "../clis/cli-cache.ts";
import type { Run, Stage } from "./agent-check.ts";
import { ownAgent, promptOf, turnTools } from "./provider-turns.ts";

/** A CLI whose sandbox does not work: it fails where it is tried. */
const withoutSandbox = (box: Box, cli: InstalledCli): InstalledCli => {
  const path = box.path(`bin/${cli.provider}`);
  box.write(path, `#!/bin/sh\n[ "$1" = sandbox ] && exit 1\nexec '${cli.path}' "$@"\n`);
  chmodSync(path, 0o700);
  return { ...cli, path };
};

/**
 * An allowed command writes outside of its folder only where the CLI's sandbox does not work. It is asked for in both
 * cases. The command hides its failure: one that fails Codex runs again without the sandbox (0.169.0).
 */
export const sandboxed: Run = async (stage) => {
  const works = (await stage.agentCli.hasSandbox?.(ownAgent(stage).place)) === true;
  const without = { ...stage, cli: withoutSandbox(stage.box, stage.cli) };
  return [...(await problemsOf(stage, works)), ...(await problemsOf(without, false))];
};

const problemsOf = async (stage: Stage, works: boolean): Promise<readonly string[]> => {
  const { place, provider: start } = ownAgent(stage);
  const outside = join(stage.box.home, `outside-${works}`);
  const inside = join(place.cwd, `inside-${works}`);
  const provider = start();
  await provider.start(null);
  let asked = 0;
  const tools = turnTools(AbortSignal.timeout(60_000), {
    askTool: () => {
      asked += 1;
      return Promise.resolve({ behavior: "allow" });
    },
  });
  await provider.turn(promptOf("m-1", `run touch ${inside}; touch ${outside} 2>/dev/null || true`), tools);
  provider.stop();
  const how = works ? "with the sandbox" : "without the sandbox";
  return [
    ...differs(`asked ${how}`, asked, 1),
    ...differs(`a file inside ${how}`, existsSync(inside), true),
    ...differs(`a file outside ${how}`, existsSync(outside), !works),
  ];
};
