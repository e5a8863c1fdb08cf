import process from "node:process";
import { startProgram } from "@gatehouse/cli-kit/start";
import { asksForHold, isPlanner } from "./hold/planned-hold.ts";

const argv = process.argv.slice(2);
const isHold = asksForHold(argv);
const isHolder = isHold && !isPlanner(argv);

await startProgram({
  name: "orchestrator-adapter",
  packageFile: new URL("../package.json", import.meta.url),
  load: async () =>
    isHolder ? (await import("./hold/hold-planned.ts")).holdPlanned : (await import("./cli.ts")).runCli,
  // The terminal of the process that started the holder may close; the held agent keeps running.
  isServer: isHold,
  isUnixOnly: true,
});
