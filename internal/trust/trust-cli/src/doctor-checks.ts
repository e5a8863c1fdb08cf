import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { versionAtLeast } from "@trust/claude-state-probe";
import { probeTrust, stateFile, stateLock } from "@trust/claude-state-probe/node";
import { openPty } from "@trust/dialog-engine/node";
import {
  installCommand,
  agentClis,
  type Environment,
  type FindCliOptions,
  type Provider,
} from "@trust/preflight";
import type { DoctorCheck, ProviderCheck } from "./doctor-report.ts";
import {
  explainUnsafe,
  homeOf,
  ledgerFile,
  prepareDataFolder,
  acquireFileLock,
  pause,
} from "@gatehouse/fs-kit";
import { packagedVersion, spokenVersion, findCli, readConsents, turnLock } from "@trust/preflight/node";
import { systemCode } from "@gatehouse/std";

/** Claude's lock is stale after this time, ms: Claude touches a lock in use every 5 s (2.1.328). */
const staleAfter = 10_000;

/** Time limit for running an empty program in a PTY, ms. */
const ptyTimeout = 10_000;

/** Checks a provider's CLI. A CLI that is not required may be missing. */
export const checkProvider = async (
  provider: Provider,
  options: FindCliOptions,
  isRequired: boolean,
): Promise<ProviderCheck> => {
  const program = agentClis[provider];
  const found = await findCli(provider, options);
  const failed = (message: string): ProviderCheck => ({
    provider,
    ok: false,
    needed: true,
    message,
    fix: installCommand(program),
  });
  if (!found.ok) {
    const message = `${program.title}: ${found.error.looked}.`;
    if (isRequired) return failed(message);
    return { provider, ok: true, needed: false, message: `${message} Not needed.` };
  }
  const version =
    (await packagedVersion(found.value, provider)) ?? (await spokenVersion(found.value, options.env));
  const named = `${program.title} ${version ?? "of an unknown version"} at ${found.value}`;
  if (version === null) return failed(`${named}: "--version" prints no version.`);
  if (program.oldest !== null && !versionAtLeast(version, program.oldest.version))
    return failed(`${named}: ${program.oldest.why}.`);
  const { from, to } = program.proven;
  const isProven = versionAtLeast(version, from) && versionAtLeast(to, version);
  const range = `the range its rules were proven against (${from} to ${to})`;
  const message = `${named}, ${isProven ? "within" : "outside"} ${range}.`;
  return { provider, ok: true, needed: true, message };
};

export const checkPty = async (env: Environment): Promise<DoctorCheck> => {
  const opened = await openPty({ file: process.execPath, args: ["-e", "0"], cwd: "/", env });
  if (!opened.ok)
    return {
      name: "pty",
      ok: false,
      message: `No pseudo terminal: ${opened.error.message}`,
      fix: "Install the optional dependency node-pty, which is @lydell/node-pty (npm install without --omit=optional), and mount /dev/pts.",
    };
  const terminal = opened.value;
  const exited = new AbortController();
  let ran = false;
  terminal.onExit(({ exitCode }) => {
    ran = exitCode === 0;
    exited.abort();
  });
  await pause(ptyTimeout, exited.signal);
  terminal.kill();
  const message = ran
    ? "A program runs in a pseudo terminal."
    : "A program did not run in a pseudo terminal.";
  return { name: "pty", ok: ran, message };
};

export const checkState = async (env: Environment, file: string): Promise<DoctorCheck> => {
  const home = homeOf(env);
  const probe = await probeTrust({ workspace: home, env, home });
  if (probe.code === "state-unreadable")
    return { name: "state", ok: false, message: probe.why, fix: `Repair or restore ${file}.` };
  try {
    await access(dirname(file), constants.W_OK);
    return { name: "state", ok: true, message: `${file} can be read and replaced.` };
  } catch (error) {
    const message = `${dirname(file)} cannot be written (${systemCode(error)}).`;
    return { name: "state", ok: false, message, fix: `Make ${dirname(file)} writable for this user.` };
  }
};

export const checkCliLock = async (file: string): Promise<DoctorCheck> => {
  const lock = stateLock(file);
  try {
    const age = Date.now() - (await stat(lock)).mtimeMs;
    if (age < staleAfter) return { name: "cli-lock", ok: true, message: `${lock} is in use just now.` };
    const message = `${lock} was left behind ${Math.round(age / 1000)} s ago; Claude Code waits for it at every start.`;
    return { name: "cli-lock", ok: false, message, fix: `With no Claude Code running: rmdir '${lock}'` };
  } catch (error) {
    const code = systemCode(error);
    const ok = code === "ENOENT";
    return { name: "cli-lock", ok, message: ok ? "Claude Code left no lock behind." : `${lock}: ${code}` };
  }
};

/** Our own locks cannot be stale, so it is enough that Claude Code's lock is free, or in use now. */
export const checkData = async (dataDir: string, env: Environment): Promise<DoctorCheck> => {
  const failed = (message: string, fix: string): DoctorCheck => ({ name: "data", ok: false, message, fix });
  const prepared = await prepareDataFolder(dataDir);
  if (!prepared.ok)
    return failed(
      `${prepared.error.detail}.`,
      "Make the data folder this user's own and writable only for this user, or name another with --data DIR.",
    );
  const home = homeOf(env);
  const [file, homeFile] = [stateFile(env, home), stateFile({}, home)];
  const { path, unavailable } = await turnLock({ provider: "claude", home, file, homeFile });
  const why = unavailable ?? (await whyNoLock(path));
  if (why !== null)
    return failed(
      `Locks are not available (${why}).`,
      "Fix that: without locks, two preflights at once can remove each other's trust.",
    );
  return { name: "data", ok: true, message: `${dataDir} can be written, and ${path} can be locked.` };
};

const whyNoLock = async (path: string): Promise<string | null> => {
  const lock = await acquireFileLock({ path, timeoutMs: 0 });
  if (lock.ok) {
    await lock.value.release();
    return null;
  }
  const { error } = lock;
  if (error.code === "lock-timeout") return null;
  if (error.code === "lock-unsafe") return explainUnsafe(error.place);
  return error.code === "lock-unavailable" ? error.detail : error.code;
};

export const checkLedger = async (dataDir: string): Promise<DoctorCheck> => {
  const file = ledgerFile(dataDir);
  const ledger = await readConsents(file);
  if (!ledger.ok) return { name: "ledger", ok: false, message: ledger.error.detail };
  const { consents, unreadable } = ledger.value;
  const torn = unreadable === 0 ? "" : `, and ${unreadable} lines that cannot be read`;
  return {
    name: "ledger",
    ok: true,
    message: `${file} holds ${consents.length} ${consents.length === 1 ? "consent" : "consents"}${torn}.`,
  };
};
