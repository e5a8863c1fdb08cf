import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { paintFor, printFailure, printJson, type Io } from "@gatehouse/cli-kit";
import { dataFolder, pause } from "@gatehouse/fs-kit";
import { systemCode, visible } from "@gatehouse/std";
import { exchange } from "@nc/cli-scope/node";
import { scopeOf, type ServiceFlags } from "./service-command.ts";
import { serviceName } from "./service.ts";
import { readServiceFile } from "./service-file.ts";
import { managerOf } from "./service-manager.ts";

/** Says whether the service is installed, and runs. Without a flag, of the account, or else of the machine. Returns the exit code. */
export const serviceStatusCommand = async (flags: ServiceFlags, io: Io): Promise<number> => {
  const { json: isJson = false, user = false, system = false } = flags;
  const named = scopeOf(flags);
  if (!named.ok) {
    printFailure(io, isJson, named.error);
    return 2;
  }
  const managed = (scope: "user" | "system") =>
    managerOf({ scope, env: io.env, uid: process.geteuid?.() ?? 0 });
  const isElsewhere = !user && !system && named.value === "user" && !existsSync(managed("user").path);
  const scope = isElsewhere && existsSync(managed("system").path) ? "system" : named.value;
  const manager = managed(scope);
  const { is: file } = await readServiceFile(manager.path);
  const asked = file === "missing" ? null : await manager.state();
  if (asked?.ok === false) {
    printFailure(io, isJson, asked.error);
    return 1;
  }
  const state = asked?.value ?? null;
  if (isJson) {
    const place = { manager: manager.name, scope, path: manager.path };
    printJson(io, { ok: true, isInstalled: file !== "missing", file, ...place, ...state });
    return 0;
  }
  if (state === null) {
    io.stdout.write(
      `There is no service at ${visible(manager.path)}. gatehouse service install makes one.\n`,
    );
    return 0;
  }
  const { good, bad } = paintFor(io);
  const whose = {
    ours: "as gatehouse wrote it",
    changed: "changed since gatehouse wrote it",
    foreign: "not written by gatehouse",
  };
  const restarts = state.restarts === null ? [] : [`started again ${state.restarts} times`];
  const facts = [
    state.state === "active" || state.state === "running" ? good(state.state) : bad(state.state),
    ...(state.pid === null ? [] : [`pid ${state.pid}`]),
    ...(state.since === null ? [] : [`since ${state.since}`]),
    ...restarts,
  ];
  const rows = [
    [
      "service",
      `${serviceName}, ${scope === "user" ? "of this account" : "of the machine"}, by ${manager.name}`,
    ],
    ["file", `${visible(manager.path)}, ${whose[file as keyof typeof whose]}`],
    ["state", facts.join(", ")],
    ["at boot", state.isEnabled ? "enabled" : "not enabled"],
  ];
  io.stdout.write(rows.map(([name = "", value = ""]) => `${name.padEnd(8)} ${value}\n`).join(""));
  return 0;
};

const pollEveryMs = 100;
/** The time limit for one answer, s. */
const answerSeconds = 10;

/**
 * Waits until the host of the data folder answers. With `MAINPID`, the host's process id, which systemd gives, it ends with 1 once
 * that process is gone. The unit runs it, so that a started service is one that answers. Returns the exit code.
 */
export const readyCommand = async ({ data, json: isJson = false }: ServiceFlags, io: Io): Promise<number> => {
  const dataDir = dataFolder(io.env, data);
  const pid = Number(io.env["MAINPID"]) || null;
  const request = { id: "1", command: "help", args: {} };
  for (;;) {
    if (io.signal.aborted) return 130;
    const answer = await exchange({ path: join(dataDir, "ncl.sock"), request, seconds: answerSeconds });
    if (answer.ok) break;
    if (pid !== null && !isThere(pid)) {
      const message = `The host of ${dataDir} (pid ${pid}) ended before it was ready.`;
      printFailure(io, isJson, { code: "host-ended", message, fix: "its own lines say why" });
      return 1;
    }
    await pause(pollEveryMs);
  }
  if (isJson) printJson(io, { ok: true, state: "ready", data: dataDir });
  return 0;
};

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) !== "ESRCH";
  }
};
