import { mkdir } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { text as textOf } from "node:stream/consumers";
import { confirm } from "@clack/prompts";
import { paintFor, printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { claimDataFolder, explainStart, installOf } from "@gatehouse/data-folder";
import { chooseRuntime, sentence, type ChosenPlace } from "@gatehouse/places";
import { dataFolder } from "@gatehouse/fs-kit";
import { gatewaySocketIn } from "@gatehouse/gateway";
import {
  dialAsMachine,
  closeMachineFile,
  forgetMachine,
  forward,
  invitationIn,
  keepMachine,
  newSecret,
  readMachine,
} from "@gatehouse/places/machine/dial";
import { fail, ok, systemCode, visible, type Result } from "@gatehouse/std";
import { connectToHost, wireAddressOf, type WireAddress } from "@gatehouse/wire/runner";
import { attempt } from "@gatehouse/sqlite";
import { programBeside } from "../programs-beside.ts";
import { runnersSocketIn } from "../up/start-sessions.ts";

export type RunMachineFlags = {
  readonly data?: string;
  readonly json?: boolean;
  readonly runtime?: "sandbox" | "process";
  readonly yes?: boolean;
};

/** The host of this machine's agents, and how this machine shows who it is. */
type HostPlace = {
  readonly address: string;
  readonly place: WireAddress;
  readonly pin: string | null;
  readonly token: string;
  /** Only of an invitation that was not used yet. */
  readonly code?: string;
  /** Whether the folder says that the host has welcomed this machine. */
  readonly isUsed: boolean;
  /** When the host that this machine served last took the place of another one; empty if it never did. */
  readonly since: string;
  /** The address of another host, or of this one with another key, whose agents ran in the folder. */
  readonly instead?: string;
};

/**
 * Runs the agents of a group on this machine for a host elsewhere, in the foreground, until the host or a signal ends it.
 * `code` is the text of an invitation; without one, the folder's own token is used. Returns the exit code.
 */
export const runMachine = async (
  code: string | undefined,
  flags: RunMachineFlags,
  io: Io,
): Promise<number> => {
  const { json: isJson = false } = flags;
  const folder =
    flags.data === undefined ? join(dataFolder(io.env), "machine") : dataFolder(io.env, flags.data);
  const failed = (failure: Failure, exitCode = 1): number => {
    printFailure(io, isJson, failure);
    return exitCode;
  };
  const [typed] = code === "-" ? (await textOf(process.stdin)).split("\n") : [code];
  const host = await hostOf(typed, folder);
  if (!host.ok) return failed(host.error, host.error.code === "usage" ? 2 : 1);
  const { runtime = "sandbox" } = flags;
  const chosen = await placeHere(runtime, io);
  if (!chosen.ok) return failed(chosen.error);
  const what = `Agents that the host at ${host.value.address} sends run on this machine as ${accountName()}, ${words[runtime]}. They work in ${folder}.`;
  const { instead } = host.value;
  if (!isJson) io.stderr.write(`${what}\n${instead === undefined ? "" : `${insteadOf(instead, folder)}\n`}`);
  const mayAsk = !isJson && process.stdin.isTTY && io.stderr.isTTY === true;
  if (instead !== undefined && !flags.yes && !mayAsk) return failed(inUse(folder, instead, true));
  if (!flags.yes && mayAsk) {
    const { output, signal } = { output: process.stderr, signal: io.signal };
    if ((await confirm({ message: "Begin?", output, signal })) !== true)
      return failed({ code: "cancelled", message: "Cancelled. The code was not used." });
  }
  await mkdir(folder, { recursive: true, mode: 0o711 });
  const claimed = await claimDataFolder(folder);
  if (!claimed.ok) return failed(explainStart(claimed.error));
  try {
    return await serve({ folder, runtime, chosen: chosen.value, host: host.value, flags, io, failed });
  } finally {
    await claimed.value.release();
  }
};

/** The account's name; its number where it has none, as in a Pod. */
const accountName = (): string => {
  try {
    return userInfo().username;
  } catch (error) {
    systemCode(error);
    return `uid ${process.geteuid?.() ?? "?"}`;
  }
};

/** Returns the host of an invitation, or the one that the folder knows. */
const hostOf = async (code: string | undefined, folder: string): Promise<Result<HostPlace, Failure>> => {
  const kept = await readMachine(folder);
  if (code !== undefined) {
    const invitation = invitationIn(code);
    if (invitation === null)
      return fail({
        code: "invalid-code",
        message: "That is no code of gatehouse machines invite, or a part of it is missing.",
        fix: "copy the whole command that it printed",
      });
    const { address, place, pin } = invitation;
    const isOther = kept?.address !== address || kept.pin !== pin;
    if (kept?.isUsed === true && !isOther) return fail(inUse(folder, kept.address, false));
    const instead = kept?.isUsed === true ? { instead: kept.address } : {};
    const fresh = { token: newSecret(), code: invitation.code, isUsed: false, since: "" };
    return ok({ address, place, pin, ...fresh, ...instead });
  }
  const place = kept === null ? null : wireAddressOf(kept.address);
  if (kept === null || place === null)
    return fail({
      code: "usage",
      message: `${folder} knows no host yet.`,
      fix: "gatehouse machines invite --group GROUP, on the machine of the host, prints the command to type here",
    });
  return ok({ ...kept, place });
};

const inUse = (folder: string, address: string, isOther: boolean): Failure => ({
  code: "folder-in-use",
  message: `${folder} runs agents of the host at ${address} already. The code was not used.`,
  fix: isOther
    ? "add --yes if that host is gone, or has a new key: the folders of its groups stay; or name another folder with --data"
    : "name another folder with --data; or start it again without a code: gatehouse machine run",
});

const insteadOf = (address: string, folder: string): string =>
  `The host at ${address} had the agents in this folder. It cannot reach them any more, and the folders of its groups stay: ${join(folder, "groups")}.`;

type MachineRuntime = NonNullable<RunMachineFlags["runtime"]>;

/** How agents run here, as part of a sentence. */
const words: Readonly<Record<MachineRuntime, string>> = {
  process: "as processes, with all rights of this account",
  sandbox:
    "in sandboxes of bubblewrap: with this machine's programs and their group's folder, and without a network unless their group has an open one",
};

const placeHere = async (runtime: MachineRuntime, io: Io): Promise<Result<ChosenPlace, Failure>> => {
  const chosen = await chooseRuntime({ runtime }, io.env, "", null);
  if (chosen.ok) return chosen;
  return fail({
    code: "no-isolation",
    message: `Agents run in no sandbox here. ${sentence(chosen.error)}`,
    fix: "or add --runtime process, which gives agents all rights of this account",
  });
};

type Serving = {
  readonly folder: string;
  readonly runtime: MachineRuntime;
  readonly chosen: ChosenPlace;
  readonly host: HostPlace;
  readonly flags: RunMachineFlags;
  readonly io: Io;
  readonly failed: (failure: Failure) => number;
};

const serve = async ({ folder, runtime, chosen, host, flags, io, failed }: Serving): Promise<number> => {
  const { place: address, pin } = host;
  const say = (line: string): void => void io.stderr.write(`${visible(line)}\n`);
  const report = (error: unknown): void => say(`${String(error)} This is a bug.`);
  const [wire, gateway] = [runnersSocketIn(folder), gatewaySocketIn(folder)];
  if (await closeMachineFile(folder))
    say(
      `warning: other accounts could read ${join(folder, "machine.json")}, which has this machine's token; now they cannot. If one of them is not trusted, revoke this machine at its host and invite it again.`,
    );
  const closes: (() => Promise<unknown>)[] = [];
  try {
    const place = await chosen.open({
      dataDir: folder,
      install: installOf(folder),
      programs: { runner: programBeside("agent-runner"), ncl: programBeside("ncl") },
      sockets: { wire, gateway },
      dial: null,
      makesGroups: true,
      needed: () => Promise.resolve(null),
      log: (_, { problem = null }) => void (problem !== null && say(String(problem))),
      report,
    });
    closes.push(place.close);
    await place.begin();
    for (const [path, use] of [
      [wire, "wire"],
      [gateway, "gateway"],
    ] as const) {
      const listening = await forward(path, () => connectToHost(address, pin, use), report);
      if (!listening.ok) return failed(explainStart(listening.error));
      closes.push(listening.value.close);
    }
    place.listening();
    const running = await place.left();
    if (!running.ok) return failed({ code: running.error.code, message: running.error.message });
    // The token is kept before the code is used: a machine that is cut off in between is known by it.
    const kept = { address: host.address, pin, token: host.token };
    let [since, isKept] = [host.since, host.isUsed];
    if (host.code !== undefined) await keepMachine(folder, { ...kept, isUsed: false, since });
    const keepWelcome = async (): Promise<void> => {
      try {
        await keepMachine(folder, { ...kept, isUsed: true, since });
        isKept = true;
      } catch (error) {
        // That of a Pod is mounted, and read-only.
        say(`warning: ${join(folder, "machine.json")} cannot be written (${systemCode(error)}).`);
      }
    };
    const machine = dialAsMachine({
      connect: () => connectToHost(address, pin, "machine"),
      credential: { token: host.token, ...(host.code === undefined ? {} : { code: host.code }) },
      // The host takes one word.
      name: hostname()
        .replaceAll(/[^\p{L}\p{N}._-]+/gu, "-")
        .slice(0, 100)
        .replace(/^(?=[.-]|$)/, "_"),
      runtime,
      running: running.value,
      start: place.start,
      welcomed: (group) => {
        if (!isKept) void keepWelcome().catch(report);
        if (flags.json) printJson(io, { ok: true, group, folder, runtime, host: host.address });
        else say(`${paintFor(io).good("connected")}: the agents of ${group} run here. Ctrl-C ends them.`);
      },
      since,
      served: (latest) => {
        since = latest;
        isKept = false;
      },
      trouble: (line) => say(wrongPin.test(line) ? `${line} ${inviteAgain(folder)}` : line),
      say,
      report,
    });
    const aborted = new Promise<null>((resolve) => io.signal.addEventListener("abort", () => resolve(null)));
    const ended = await Promise.race([machine.ended, aborted]);
    if (ended === null) {
      await machine.close();
      return 130;
    }
    if (["unknown-token", "unknown-code"].includes(ended.code)) await forgetMachine(folder);
    return failed({ code: ended.code, message: ended.message });
  } finally {
    for (const close of closes.toReversed()) await attempt(close);
  }
};

const wrongPin = /does not match this runner's pin\b/u;

const inviteAgain = (folder: string): string =>
  `If the host is the right one and has a new key: gatehouse machines invite, on its machine, and run the printed command here with --data ${folder}`;
