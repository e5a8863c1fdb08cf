import process from "node:process";
import { startProgram } from "@gatehouse/cli-kit/start";
import { overview } from "./help/overview.ts";
import { hostForPs } from "./status/host-for-ps.ts";

const argv = process.argv.slice(2);
const [command] = argv.filter((word, index) => !word.startsWith("-") && argv[index - 1] !== "--data");

void startProgram({
  name: "gatehouse",
  packageFile: new URL("../package.json", import.meta.url),
  overview,
  load: async () => {
    const { quickPs } = command === "ps" ? await import("@gatehouse/agents/ps") : { quickPs: null };
    const ps = quickPs?.(argv, hostForPs) ?? null;
    return ps === null ? (await import("./cli.ts")).runCli : (_argv, _version, io) => ps(io);
  },
  isServer: command === "up",
  isUnixOnly: true,
  comparesSources: ["up", "start", "status", "doctor", "init", "image"].includes(command ?? ""),
});
