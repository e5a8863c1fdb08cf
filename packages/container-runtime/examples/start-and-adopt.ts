import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { type Exit, explain, unlimited } from "@nc/container-runtime";
import { processRuntime } from "@nc/container-runtime/node";

const folder = resolve(process.argv[2] ?? "sessions");
mkdirSync(folder, { recursive: true });
const options = { folder: resolve(folder, "records"), install: "example", report: console.error };

// A host starts two containers: one that fails, and one that stays.
const host = processRuntime(options);
const start = async (sessionId: string, source: string) => {
  const spawned = await host.spawn({
    label: { install: "example", sessionId, groupId: "notes", incarnation: 1, token: 1 },
    command: [process.execPath, "-e", source],
    env: { HOME: folder },
    folder,
    files: { folder: folder, whole: [], entries: [] },
    account: null,
    graceMs: 2_000,
    ...unlimited,
    logFile: resolve(folder, `${sessionId}.log`),
  });
  if (!spawned.ok) throw new Error(explain(spawned.error));
  return spawned.value;
};
const fails = await start("fails", "console.error('no settings'); process.exit(3)");
const stays = await start("stays", "setInterval(() => {}, 1000)");
const { code, lastLines } = await new Promise<Exit>((resolve) => fails.onExit(resolve));
console.log(`${fails.label.sessionId} ended with ${code}: ${lastLines.join(" / ")}`);

// The host closes, but its container still runs. The next host finds it by number and start time.
await host.close();
const next = processRuntime(options);
const running = await next.running();
if (!running.ok) throw new Error(explain(running.error));
for (const container of running.value) {
  console.log(`${container.label.sessionId} runs on: ${container.reference === stays.reference}`);
  container.onExit(() => console.log(`${container.label.sessionId} ended`));
  await container.kill(2_000);
}
await next.close();
