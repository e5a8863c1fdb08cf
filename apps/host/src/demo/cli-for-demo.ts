import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import process from "node:process";
import { describeCli, findClis, linkCli } from "@gatehouse/agent-clis";
import { runnableProvider } from "@gatehouse/provider-facts/agents";
import type { Failure, Io } from "@gatehouse/cli-kit";
import { dataFolder } from "@gatehouse/fs-kit";
import type { Upstreams } from "@gatehouse/gateway/options";
import { vendorKeys } from "@gatehouse/gateway/secrets";
import { fail, ok, type Result } from "@gatehouse/std";
import { agentClis, installCommand, type Provider } from "@trust/preflight";
import { programBeside } from "../programs-beside.ts";
import { obtainCli } from "../run/obtain-cli.ts";

/** The demo's flags about the agent's CLI. */
export type ObtainFlags = {
  readonly json?: boolean;
  /** True if a missing Claude Code may be fetched from npm without asking. */
  readonly installCli?: boolean;
  readonly data?: string;
};

/** A real CLI, with a stand-in for its model. */
export type DemoModel = {
  readonly upstreams: Partial<Upstreams>;
  readonly note: string | null;
  /** Ends the stand-in. */
  readonly close: () => Promise<void>;
};

/**
 * Prepares the demo's data folder for a provider's CLI. In containers, this is the image's CLI; otherwise the data folder's
 * CLI, the CLI on PATH, or a newly fetched Claude Code. The runner's program has the stand-in for the model.
 */
export const cliForDemo = async (
  provider: Provider,
  demoDir: string,
  flags: ObtainFlags & { readonly isInImage: boolean },
  io: Io,
): Promise<Result<DemoModel, Failure>> => {
  const linked = flags.isInImage ? ok("that of the image") : await linkedCli(provider, demoDir, flags, io);
  if (!linked.ok) return linked;
  const vendor = runnableProvider(provider)?.vendor ?? "anthropic";
  await vendorKeys.set(demoDir, { vendor, group: null, value: "no-key-of-anybody" });
  const standIn = await startStandIn();
  const upstreams = { [vendor]: new URL(standIn.url) };
  const note = `The agent is the real ${agentClis[provider].title} (${linked.value}). A stand-in answers in place of the model, so there is no key.`;
  return ok({ upstreams, note, close: standIn.close });
};

/** Makes the demo use a CLI of this machine. Returns the CLI's path. */
const linkedCli = async (
  provider: Provider,
  demoDir: string,
  flags: ObtainFlags,
  io: Io,
): Promise<Result<string, Failure>> => {
  const dataDir = dataFolder(io.env, flags.data);
  const found = await findClis(provider, { dataDir, env: io.env });
  const usable = found.find(({ isTooOld }) => !isTooOld);
  const path =
    usable === undefined && provider === "claude"
      ? await newClaude(dataDir, flags, io)
      : ok(usable?.path ?? null);
  if (!path.ok) return path;
  const [old] = found;
  if (path.value === null) return fail(noCli(provider, old === undefined ? null : describeCli(old)));
  await linkCli(demoDir, provider, path.value);
  return ok(path.value);
};

/** Fetches Claude Code if a flag or the person allows it. */
const newClaude = (dataDir: string, flags: ObtainFlags, io: Io): ReturnType<typeof obtainCli> => {
  const mayAsk = process.stdin.isTTY && io.stderr.isTTY === true && flags.json !== true;
  // The search does not try a CLI on PATH again that is too old.
  const choice = { explicit: undefined, dataDir, env: { ...io.env, PATH: "" } };
  return obtainCli(choice, { mayInstall: flags.installCli === true, mayAsk }, io);
};

const noCli = (provider: Provider, old: string | null): Failure => ({
  code: "cli-not-found",
  message: old === null ? `${agentClis[provider].title} is not installed.` : `${old}.`,
  fix:
    provider === "claude"
      ? "gatehouse demo --provider claude --install-cli fetches it from npm into the data folder"
      : `install it, and run the demo again: ${installCommand(agentClis[provider])}`,
});

const startStandIn = async () => {
  const [file, ...args] = programBeside("agent-runner");
  const child = spawn(file, [...args, "stand-in"], { stdio: ["pipe", "pipe", "inherit"] });
  const closed = once(child, "close");
  const [url] = (await Promise.race([once(createInterface({ input: child.stdout }), "line"), closed])) as [
    string,
  ];
  return {
    url,
    close: async (): Promise<void> => {
      child.stdin.end();
      await closed;
    },
  };
};
