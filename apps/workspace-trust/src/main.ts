import { startProgram } from "@gatehouse/cli-kit/start";

await startProgram({
  name: "workspace-trust",
  packageFile: new URL("../package.json", import.meta.url),
  load: async () => (await import("./cli.ts")).runCli,
});
