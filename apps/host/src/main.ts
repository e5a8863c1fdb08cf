import process from "node:process";
import { startProgram } from "@gatehouse/cli-kit/start";

const argv = process.argv.slice(2);
const [command] = argv.filter((word, index) => !word.startsWith("-") && argv[index - 1] !== "--data");

await startProgram({
  name: "gatehouse",
  packageFile: new URL("../package.json", import.meta.url),
  load: async () => (await import("./cli.ts")).runCli,
  isServer: command === "up",
});
