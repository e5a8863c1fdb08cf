import { startProgram } from "@gatehouse/cli-kit/start";

await startProgram({
  name: "orchestrator-adapter",
  packageFile: new URL("../package.json", import.meta.url),
  load: async () => (await import("./cli.ts")).runCli,
});
