import { homedir } from "node:os";
import { buildOverrides, explain, renderCodexArgs } from "@trust/codex-overrides";
import { locateFolder, readCodexLaunch } from "@trust/codex-overrides/node";

const folders: string[] = [];
for (const dir of process.argv.slice(2)) {
  const located = await locateFolder(dir);
  if (!located.ok) throw new Error(explain(located.error));
  folders.push(located.value.real);
}
// Without a version, the argument repeats the folders of config.toml, because an older Codex would drop them.
const launch = await readCodexLaunch(folders, { env: process.env, home: homedir(), version: null });
if (!launch.ok) throw new Error(explain(launch.error));

const { overrides, rejected } = buildOverrides(folders, launch.value.context);
const rendered = renderCodexArgs(["exec", "--json", "say hello"], { overrides, ...launch.value });
if (!rendered.ok) throw new Error(explain(rendered.error));

for (const problem of [...rejected, ...rendered.value.leftOut]) console.error(explain(problem));
console.log(JSON.stringify(["codex", ...rendered.value.args]));
