import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import process from "node:process";
import { describeCli, findClis, linkCli } from "@gatehouse/agent-clis";
import type { Failure, Io } from "@gatehouse/cli-kit";
import { dataFolder } from "@gatehouse/fs-kit";
import type { Upstreams } from "@gatehouse/gateway/options";
import { vendorKeys } from "@gatehouse/gateway/secrets";
import { fail, ok, type Result } from "@gatehouse/std";
import { programBeside } from "../programs-beside.ts";
import { obtainCli } from "../run/obtain-cli.ts";

/** The demo's flags about Claude Code. */
export type ObtainFlags = {
  readonly json?: boolean;
  /** True if a missing CLI may be fetched from npm without asking. */
  readonly installCli?: boolean;
  readonly data?: string;
};

/** The real Claude Code, with a stand-in for the model. */
export type DemoModel = {
  readonly upstreams: Partial<Upstreams>;
  readonly note: string | null;
  /** Ends the stand-in. */
  readonly close: () => Promise<void>;
};

/**
 * Prepares the demo's data folder for Claude Code. In containers, this is the image's CLI; otherwise the data folder's CLI,
 * the CLI on PATH, or a newly fetched one. The runner's program has the stand-in for the model.
 */
export const claudeForDemo = async (
  demoDir: string,
  flags: ObtainFlags & { readonly isInImage: boolean },
  io: Io,
): Promise<Result<DemoModel, Failure>> => {
  const linked = flags.isInImage ? ok("that of the image") : await linkedClaude(demoDir, flags, io);
  if (!linked.ok) return linked;
  await vendorKeys.set(demoDir, { vendor: "anthropic", group: null, value: "no-key-of-anybody" });
  const standIn = await startStandIn();
  const upstreams = { anthropic: new URL(standIn.url) };
  const note = `The agent is the real Claude Code (${linked.value}). A stand-in answers in place of the model, so there is no key.`;
  return ok({ upstreams, note, close: standIn.close });
};

/** Makes the demo use a Claude Code of this machine. Returns the CLI's path. */
const linkedClaude = async (
  demoDir: string,
  flags: ObtainFlags,
  io: Io,
): Promise<Result<string, Failure>> => {
  const dataDir = dataFolder(io.env, flags.data);
  const mayAsk = process.stdin.isTTY && io.stderr.isTTY === true && flags.json !== true;
  const may = { mayInstall: flags.installCli === true, mayAsk };
  const found = await findClis("claude", { dataDir, env: io.env });
  const usable = found.find(({ isTooOld }) => !isTooOld);
  // The search does not try a CLI on PATH again that is too old.
  const choice = { explicit: undefined, dataDir, env: { ...io.env, PATH: "" } };
  const path = usable === undefined ? await obtainCli(choice, may, io) : ok(usable.path);
  if (!path.ok) return path;
  const [old] = found;
  if (path.value === null)
    return fail({ ...noCli, ...(old === undefined ? {} : { message: `${describeCli(old)}.` }) });
  await linkCli(demoDir, "claude", path.value);
  return ok(path.value);
};

const noCli: Failure = {
  code: "cli-not-found",
  message: "Claude Code is not installed.",
  fix: "gatehouse demo --provider claude --install-cli fetches it from npm into the data folder",
};

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
