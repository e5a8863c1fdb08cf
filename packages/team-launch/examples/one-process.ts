import { spawnSync } from "node:child_process";
import { readFileSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import { folderContext } from "@trust/codex-overrides/node";
import { argsOfPlan, execute, planArgsOnly, planFull } from "@trust/preflight/node";
import * as team from "@trust/team-launch";

// This runtime is one process: it takes the lead's arguments, and after "--" those for members of other providers.
const [file = "team.yaml", runtime = "claude", ...own] = process.argv.slice(2);
const home = homedir();
const read = team.readTeam(readFileSync(file, "utf8"), { home, base: dirname(resolve(file)) });
if (!read.ok) throw new Error(read.error.map((problem) => team.explain(problem).message).join("\n"));
const members = team.everyMember(read.value).map((member) => ({ ...member, cwd: member.folder }));

// The runtime's gate reads Claude Code's state for agents of every provider.
const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
const { pairs } = team.collectWorkspaces(members, {
  homes: [home, realpathSync(home)],
  factsOf: (folder) => (isFolder(folder) ? { real: realpathSync(folder), gitRoot: null } : null),
  gate: "claude",
});
const request = { folders: [], pairs, env: process.env, dataDir: resolve("team-data") };
const context = await folderContext(home);

// Early: the runtime asks the CLIs for models and facts with these arguments, before anything is planned.
const early = await planArgsOnly(request, team.launchSurfaces);
const before = team.launchArguments(members, { claude: own, codex: own });
const asked = team.patchArguments(before, early.patches, context).arguments;
console.error(JSON.stringify({ type: "facts", arguments: asked.byProvider }));

// Trust itself. Only recorded trust may be passed, so the original arguments are patched again.
const plan = await planFull(request);
const { results } = await execute(plan, { onProgress: (event) => console.error(JSON.stringify(event)) });
if (team.outcomeOf(results) === "blocked") throw new Error(team.worstFirst(results)[0]?.message);
const passed = results.filter(({ code }) => code === "passed-at-launch").map(({ workspace }) => workspace);
const recorded = { ...plan, folders: plan.folders.filter(({ workspace }) => passed.includes(workspace)) };
const { patches } = await argsOfPlan(recorded, team.launchSurfaces);
const { primary, crossProvider } = team.patchArguments(before, patches, context).arguments;
spawnSync(runtime, [...primary.args, "--", ...crossProvider], { stdio: "inherit" });
