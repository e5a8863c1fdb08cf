import { existsSync } from "node:fs";
import process from "node:process";
import type { Duplex } from "node:stream";
import { text as textOf } from "node:stream/consumers";
import { connectToHost, dialHost, fileClient, wireAddressOf } from "@gatehouse/wire/runner";
import { relayTools } from "./host-tools/serve-tools.ts";
import { programWord } from "./host-tools/tool-names.ts";
import { launcherWord } from "./mcp-servers/serve-starts.ts";
import { limits } from "./limits.ts";
import { startRunner } from "./runner.ts";

const [failed, interrupted, terminated] = [1, 130, 143];

const fatal = (message: string): void => {
  process.stderr.write(`error: ${message}\n`);
  process.exit(failed);
};

const main = async (): Promise<void> => {
  const { GATEHOUSE_SESSION: folder = "", GATEHOUSE_WIRE: wire = "" } = process.env;
  const { GATEHOUSE_GATEWAY: gateway = "" } = process.env;
  // The second line is the pin of the host's certificate, if the host is dialled by TLS.
  const [token = "", pinned = ""] = (await textOf(process.stdin)).split("\n");
  const pin = pinned === "" ? null : pinned;
  if (folder === "" || wire === "" || token === "")
    return fatal("A host starts this program, and gives it a session's folder, a socket and a token.");
  const address = wireAddressOf(wire);
  if (address === null)
    return fatal(`GATEHOUSE_WIRE is "${wire}", and has to be unix:PATH or tls://HOST:PORT.`);
  const gatewayAddress = gateway === "" ? null : wireAddressOf(gateway);
  if (gateway !== "" && gatewayAddress === null)
    return fatal(`GATEHOUSE_GATEWAY is "${gateway}", and has to be unix:PATH or tls://HOST:PORT.`);
  const lookAtFolder = (): void => {
    if (!existsSync(folder)) fatal(`The session's folder ${folder} is gone.`);
  };
  setInterval(lookAtFolder, limits.folderMs).unref();
  const connect = (): Duplex => {
    lookAtFolder();
    return connectToHost(address, pin);
  };
  const started = startRunner({
    folder,
    gateway:
      gatewayAddress === null
        ? null
        : { connect: () => connectToHost(gatewayAddress, pin, "gateway"), token },
    files: fileClient({ connect, token }),
    side: dialHost({
      connect,
      token,
      patienceMs: limits.hostAwayMs,
      trouble: (message) => void process.stderr.write(`${message}\n`),
    }),
    onSocketFolder: (path) => (process.env["GATEHOUSE_DATA"] = path),
    onFatal: fatal,
    report: (error) => void process.stderr.write(`${String(error)}\nThis is a bug.\n`),
  });
  const exit = async (code: number): Promise<void> => {
    setTimeout(() => process.exit(code), limits.endMs);
    const runner = await started;
    if (runner.ok) await runner.value.stop();
    process.exit(code);
  };
  process.once("SIGTERM", () => void exit(terminated));
  process.once("SIGINT", () => void exit(interrupted));
  const runner = await started;
  if (!runner.ok) fatal(runner.error);
};

/** Other jobs of the program, by its first argument. */
const otherPrograms: Readonly<Record<string, (words: readonly string[]) => Promise<void> | void>> = {
  try: async (words) => (await import("./trial/run-trial.ts")).tryCommand(words),
  "try-acp": async (words) => (await import("./acp-trial/run-acp-trial.ts")).tryAcpCommand(words),
  "try-acp-server": async ([notes = "", key = ""]) =>
    (await import("./acp-trial/try-server.ts")).runTryServer(notes, key),
  "stand-in": async () => (await import("./trial/run-trial.ts")).standInCommand(),
  [launcherWord]: async ([socket = "", name = ""]) =>
    (await import("./mcp-servers/launch-server.ts")).launchServer(socket, name),
  [programWord]: ([socket = ""]) => relayTools(socket),
};

const [verb = "", ...words] = process.argv.slice(2);
void (otherPrograms[verb] ?? main)(words);
