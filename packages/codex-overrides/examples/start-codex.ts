import { homedir } from "node:os";
import { buildOverrides, explain, renderCodexArgs } from "@trust/codex-overrides";
import { readCodexLaunch } from "@trust/codex-overrides/node";

const folders = process.argv.slice(2);
const launch = await readCodexLaunch(folders, { env: process.env, home: homedir() });
if (!launch.ok) throw new Error(explain(launch.error));

const { overrides, rejected } = buildOverrides(folders, launch.value.context);
const rendered = renderCodexArgs(["exec", "--json", "say hello"], { overrides, ...launch.value });
if (!rendered.ok) throw new Error(explain(rendered.error));

for (const problem of [...rejected, ...rendered.value.leftOut]) console.error(explain(problem));
console.log(JSON.stringify(["codex", ...rendered.value.args]));
