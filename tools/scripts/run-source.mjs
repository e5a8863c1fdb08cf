// node tools/scripts/run-source.mjs ENTRY [args]: sets up if needed, then runs a TypeScript entry from the sources.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { root, setUpOrExit } from "./setup.mjs";

await setUpOrExit({ build: "nothing" });
const [entry, ...args] = process.argv.slice(2);
const node = ["--conditions=@nc/source", "--import", import.meta.resolve("tsx"), join(root, entry)];
const child = spawn(process.execPath, [...node, ...args], { stdio: "inherit" });
// A terminal sends Ctrl-C to the whole process group. The child cleans up, and this process exits with its code.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code, signal) => {
  process.exitCode = code ?? 128 + constants.signals[signal];
});
