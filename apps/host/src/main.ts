import process from "node:process";
import { startProgram } from "@gatehouse/cli-kit/start";
import { listApprovals } from "./status/list-approvals.ts";

const argv = process.argv.slice(2);
const [command] = argv.filter((word, index) => !word.startsWith("-") && argv[index - 1] !== "--data");
/** Loads the module only when called: `ps` calls this only if it cannot read the list. */
const whyForeign = async (dataDir: string) => (await import("./foreign-host.ts")).foreignHost(dataDir);

void startProgram({
  name: "gatehouse",
  packageFile: new URL("../package.json", import.meta.url),
  load: async () => {
    const { quickPs } = command === "ps" ? await import("@gatehouse/agents/ps") : { quickPs: null };
    const ps = quickPs?.(argv, listApprovals, whyForeign) ?? null;
    return ps === null ? (await import("./cli.ts")).runCli : (_argv, _version, io) => ps(io);
  },
  isServer: command === "up",
  isUnixOnly: true,
  comparesSources: ["up", "start", "status", "doctor", "init", "image"].includes(command ?? ""),
});
