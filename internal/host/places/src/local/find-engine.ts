import { existsSync } from "node:fs";
import process from "node:process";
import { programOnPath } from "@gatehouse/agent-clis";
import { fail, ok, type Environment, type Result } from "@gatehouse/std";
import type { Failure } from "@gatehouse/cli-kit";
import { probeEngine, type EngineFacts } from "@nc/container-runtime/node";

/** The engines that can run agents, in the order in which they are tried. */
export const engineNames = ["docker", "podman"] as const;

export type EngineName = (typeof engineNames)[number];

/** An engine whose API answers at a socket. */
export type FoundEngine = EngineFacts & { readonly socketPath: string };

/** The default sockets of each engine. */
const places: Readonly<Record<EngineName, (env: Environment) => readonly string[]>> = {
  docker: (env) => ["/var/run/docker.sock", ...below(env["XDG_RUNTIME_DIR"], "docker.sock")],
  podman: (env) => ["/run/podman/podman.sock", ...below(env["XDG_RUNTIME_DIR"], "podman/podman.sock")],
};

/** The variable with which the engine's own client finds its socket. */
const variables: Readonly<Record<EngineName, string>> = { docker: "DOCKER_HOST", podman: "CONTAINER_HOST" };

const below = (folder: string | undefined, name: string): readonly string[] =>
  folder === undefined || folder === "" ? [] : [`${folder}/${name}`];

/** The sockets where an engine of this machine may answer. Agents' mounts need an engine of this machine. */
export const socketsOf = (name: EngineName, env: Environment): readonly string[] => {
  const named = env[variables[name]];
  return named === undefined || named === ""
    ? places[name](env)
    : named.startsWith("unix://")
      ? [named.slice("unix://".length)]
      : [];
};

/** Finds an engine of this name, at the given socket or at the engine's default sockets. */
export const findEngine = async (
  name: EngineName,
  socket: string | undefined,
  env: Environment,
): Promise<Result<FoundEngine, Failure>> => {
  const sockets = socket === undefined ? socketsOf(name, env) : [socket];
  const problems: string[] = [];
  for (const socketPath of sockets) {
    if (!existsSync(socketPath)) continue;
    const facts = await probeEngine(socketPath);
    if (!facts.ok) problems.push(facts.error.message);
    else if (facts.value.name === name) return ok({ ...facts.value, socketPath });
    else problems.push(`${socketPath} is ${facts.value.name}, not ${name}.`);
  }
  const tried = sockets.length === 0 ? `${variables[name]} names no Unix socket` : sockets.join(", ");
  const silence = silences[name];
  if (
    problems.length === 0 &&
    silence !== undefined &&
    (await programOnPath(name, env["PATH"] ?? "")) !== null
  )
    return fail(silence(tried));
  return fail({
    code: "engine-unavailable",
    message: problems.length > 0 ? problems.join(" ") : `${name} does not run here (${tried}).`,
    fix: `start ${name}, or name its socket with --engine-socket`,
  });
};

/** Why an engine that is installed does not listen. */
const silences: Readonly<Partial<Record<EngineName, (tried: string) => Failure>>> = {
  // Podman needs no service for its own commands, so on most machines nothing listens (4.3.1).
  podman: (tried) => {
    const isRoot = process.geteuid?.() === 0;
    const unit = `systemctl ${isRoot ? "" : "--user "}enable --now podman.socket`;
    return {
      code: "engine-silent",
      message: `Podman is installed, but nothing listens for its API (${tried}).`,
      fix: `${unit}; without systemd: podman system service --time=0 &`,
    };
  },
};

/** The most useful of the failures of several engines: that of an engine that is here. */
export const bestFailure = (failures: readonly Failure[]): Failure =>
  failures.find(({ code }) => code !== "engine-unavailable") ??
  failures[0] ?? { code: "engine-unavailable", message: "No engine runs here." };
