import process from "node:process";
import { startProgram } from "@gatehouse/cli-kit/start";

const argv = process.argv.slice(2);
const [command] = argv.filter((word, index) => !word.startsWith("-") && argv[index - 1] !== "--data");

await startProgram({
  name: "gatehouse",
  packageFile: new URL("../package.json", import.meta.url),
  load: async () => {
    const ps = command === "ps" ? (await import("@gatehouse/held-agents/ps")).quickPs(argv) : null;
    return ps === null ? (await import("./cli.ts")).runCli : (_argv, _version, io) => ps(io);
  },
  isServer: command === "up",
});
