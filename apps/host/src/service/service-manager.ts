import { execFile } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { fail, ok, type Environment, type Result } from "@gatehouse/std";
import type { Failure } from "@gatehouse/cli-kit";
import { launchdPlist } from "./launchd-plist.ts";
import { serviceName, type Scope, type Service } from "./service.ts";
import { marked } from "./service-file.ts";
import { systemdUnit } from "./systemd-unit.ts";

/** What a service manager says of our service. */
export type ServiceState = {
  /** In its own word: `active`, `activating`, `failed`, `inactive`. */
  readonly state: string;
  readonly isEnabled: boolean;
  readonly pid: number | null;
  /** Since when it is in this state, in the manager's form; null if it does not say. */
  readonly since: string | null;
  /** How often it was started again by itself; null if it does not say. */
  readonly restarts: number | null;
};

/** A service manager of this machine, for one scope. Commands are argv. */
export type ServiceManager = {
  readonly name: "systemd" | "launchd";
  /** The file of our service. */
  readonly path: string;
  /** Its text, with our mark. */
  readonly textOf: (service: Service) => Promise<string>;
  /** Why it takes no commands here; null if it does. */
  readonly problem: () => Promise<Failure | null>;
  /** The commands that start a service whose file was written; `isKnown` if there was one before. */
  readonly startWith: (isKnown: boolean) => readonly (readonly string[])[];
  /** Ends it, before its file is removed, and afterwards. */
  readonly endWith: { readonly before: readonly string[]; readonly after: readonly string[] | null };
  readonly restartWith: readonly string[];
  /** Shows why it does not start. */
  readonly logsWith: readonly string[];
  readonly state: () => Promise<Result<ServiceState, Failure>>;
};

type ServiceContext = { readonly scope: Scope; readonly env: Environment; readonly uid: number };

/** The service manager of this system. */
export const managerOf = (place: ServiceContext, platform: string = process.platform): ServiceManager =>
  (platform === "darwin" ? launchd : systemd)(place);

const systemd = ({ scope, env }: ServiceContext): ServiceManager => {
  const unit = `${serviceName}.service`;
  const own = scope === "user" ? ["--user"] : [];
  const systemctl = (...words: readonly string[]): readonly string[] => ["systemctl", ...own, ...words];
  const config = env["XDG_CONFIG_HOME"] || join(env["HOME"] || "/", ".config");
  return {
    name: "systemd",
    path: scope === "user" ? join(config, "systemd/user", unit) : join("/etc/systemd/system", unit),
    textOf: async (service) => {
      const { output } = await ran(["systemctl", "--version"], env);
      const version = /^systemd (\d+)/.exec(output)?.[1];
      return marked(systemdUnit(service, version === undefined ? null : Number(version)), "unit");
    },
    problem: async () => {
      const { isOk, output } = await ran(systemctl("show", "--property=Version"), env);
      return isOk
        ? null
        : noManager(`systemd does not run here${scope === "user" ? " for this account" : ""}`, output);
    },
    startWith: () => [systemctl("daemon-reload"), systemctl("enable", "--now", unit)],
    endWith: { before: systemctl("disable", "--now", unit), after: systemctl("daemon-reload") },
    restartWith: systemctl("restart", unit),
    logsWith: ["journalctl", ...own, "-u", unit, "-n", "30"],
    state: async () => {
      const names = ["ActiveState", "UnitFileState", "MainPID", "StateChangeTimestamp", "NRestarts"];
      const { isOk, output } = await ran(systemctl("show", `--property=${names.join(",")}`, unit), env);
      if (!isOk) return fail(noManager("systemd did not answer", output));
      const value = (name: string): string => new RegExp(`^${name}=(.*)$`, "m").exec(output)?.[1] ?? "";
      return ok({
        state: value("ActiveState") || "unknown",
        isEnabled: value("UnitFileState") === "enabled",
        pid: Number(value("MainPID")) || null,
        since: value("StateChangeTimestamp") || null,
        restarts: Number(value("NRestarts")) || 0,
      });
    },
  };
};

/** By launchctl(1). Never run: no macOS was at hand. */
const launchd = ({ scope, env, uid }: ServiceContext): ServiceManager => {
  const domain = scope === "user" ? `gui/${uid}` : "system";
  const target = `${domain}/${serviceName}`;
  const folder =
    scope === "user" ? join(env["HOME"] || "/", "Library/LaunchAgents") : "/Library/LaunchDaemons";
  const path = join(folder, `${serviceName}.plist`);
  return {
    name: "launchd",
    path,
    textOf: async (service) => marked(launchdPlist(service), "xml"),
    problem: async () => {
      const { isOk, output } = await ran(["launchctl", "print", domain], env);
      return isOk ? null : noManager("launchd does not answer here", output);
    },
    startWith: (isKnown) => [
      ...(isKnown ? [["launchctl", "bootout", target]] : []),
      ["launchctl", "bootstrap", domain, path],
    ],
    endWith: { before: ["launchctl", "bootout", target], after: null },
    restartWith: ["launchctl", "kickstart", "-k", target],
    logsWith: ["launchctl", "print", target],
    state: async () => {
      const { isOk, output } = await ran(["launchctl", "print", target], env);
      const state = /^\s*state = (.+)$/m.exec(output)?.[1] ?? "unknown";
      const pid = Number(/^\s*pid = (\d+)$/m.exec(output)?.[1] ?? 0) || null;
      return ok({ state: isOk ? state : "inactive", isEnabled: isOk, pid, since: null, restarts: null });
    },
  };
};

const noManager = (message: string, output: string): Failure => ({
  code: "no-service-manager",
  message: `${message} (${output}).`,
  fix: "gatehouse service install --print writes the file to stdout; without a service manager, gatehouse up runs the host",
});

/** Runs a program to its end, without a limit of time. `output` is its last line of errors if it failed, else its stdout. */
export const ran = (
  [program = "", ...args]: readonly string[],
  env: Environment,
): Promise<{ readonly isOk: boolean; readonly output: string }> =>
  new Promise((resolve) => {
    execFile(program, args, { env: { ...env, LC_ALL: "C" } }, (error, stdout, stderr) => {
      if (error === null) return resolve({ isOk: true, output: stdout });
      const missing = error.code === "ENOENT" ? `there is no program ${program}` : `exit code ${error.code}`;
      resolve({ isOk: false, output: stderr.trim().split("\n").at(-1) || missing });
    });
  });
