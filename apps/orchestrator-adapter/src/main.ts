import process from "node:process";
import { startProgram } from "@gatehouse/cli-kit/start";

const argv = process.argv.slice(2);
const own = argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;

await startProgram({
  name: "orchestrator-adapter",
  packageFile: new URL("../package.json", import.meta.url),
  load: async () => (await import("./cli.ts")).runCli,
  // The terminal of whoever started it may go; a held agent stays.
  isServer: own.includes("--hold"),
});
