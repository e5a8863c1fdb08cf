import { homedir } from "node:os";
import { locateWorkspace, probeTrust, readGrants } from "@trust/claude-state-probe/node";

const context = { env: process.env, home: homedir(), cliVersion: "2.1.328" };
const located = await locateWorkspace(process.argv[2] ?? ".", context);
if (!located.ok) throw new Error(`${located.error.path}: ${located.error.detail}`);

const probe = await probeTrust({ paths: located.value, ...context });
console.log(`${probe.state} (${probe.code}): ${probe.why}`);
for (const { kind, name, file } of await readGrants(located.value))
  console.log(`trust switches on: ${kind} ${name} (${file})`);
