import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fail, ok, type Environment, type Result } from "@gatehouse/std";
import { explain, unlimited, type Exit } from "@nc/container-runtime";
import { agentImageName, agentNode, agentPath } from "./local/agent-image.ts";
import { tryPod } from "./try-pod.ts";
import { chooseForFolder } from "./choose-runtime.ts";
import type { ChosenRuntime, RuntimeFlags } from "./chosen-runtime.ts";

/** The result of the containers check of `gatehouse doctor`. */
export type ContainersCheck = {
  /** `sandbox` where agents run in sandboxes. */
  readonly name: "containers" | "sandbox";
  /** True if agents have the CLIs of their image; false if they have those of the machine. */
  readonly hasImage: boolean;
  /** The version of gatehouse that built this image; null without one. */
  readonly imageVersion: string | null;
  readonly ok: boolean;
  readonly message: string;
  readonly fix?: string;
  /** True if agents reach more than the host, although their groups do not say so. */
  readonly isUnlimited?: boolean;
};

/** The time limit of the test container, ms. */
const mostMs = 60_000;

/**
 * Starts a container with the settings of an agent's container, or a sandbox, and waits for its end. Returns null without an
 * engine if the data folder has no group and no runtime is named: people who use no host need no isolation.
 */
export const checkContainers = async (
  flags: RuntimeFlags,
  env: Environment,
  { version, dataDir }: { readonly version: string; readonly dataDir: string },
): Promise<ContainersCheck | null> => {
  const chosen = await chooseForFolder(flags, env, version, dataDir);
  const isHost = flags.runtime !== undefined || existsSync(join(dataDir, "groups"));
  if (!chosen.ok) {
    const isEngine = chosen.error.code !== "no-isolation";
    const name = flags.runtime === "sandbox" ? "sandbox" : "containers";
    return isEngine || isHost
      ? { name, hasImage: isEngine, imageVersion: null, ok: false, ...chosen.error }
      : null;
  }
  const hasImage = chosen.value.images !== null;
  const isSandbox = chosen.value.inUse.name === "sandbox";
  const name: ContainersCheck["name"] = isSandbox ? "sandbox" : "containers";
  const of = { name, hasImage, imageVersion: chosen.value.imageVersion };
  if (!hasImage && !isHost) return null;
  if (chosen.value.pods !== undefined) {
    const tried = await tryPod(chosen.value.pods);
    const said = chosen.value.notes.join(" ");
    // Agents have the CLIs of their image, and not those of this machine.
    const inImage = { ...of, hasImage: true };
    if (!tried.ok) return { ...inImage, ok: false, message: `No Pod runs: ${tried.error} ${said}` };
    const { isUnlimited } = tried.value;
    const reach = isUnlimited ? "" : " NetworkPolicies have an effect: it did not reach the cluster's API.";
    const message = `a Pod starts, and gatehouse of the image starts.${reach} ${said}`;
    return { ...inImage, ok: true, message, isUnlimited };
  }
  const problem = await chosen.value.problem();
  const notes = chosen.value.notes.join(" ");
  if (problem !== null) return { ...of, ok: false, message: notes };
  if (!hasImage) {
    // The problem of sandboxes is found by starting one.
    const started = isSandbox ? "a sandbox starts. memory_mb and cpus of groups have no effect in it. " : "";
    return { ...of, ok: true, message: `${started}${notes}` };
  }
  const tried = await tryContainer(chosen.value);
  return tried.ok
    ? { ...of, ok: true, message: `a container starts, with ${tried.value}. ${notes}` }
    : {
        ...of,
        ok: false,
        message: `No container starts: ${tried.error} ${notes}`,
        fix: "gatehouse image build",
      };
};

/** Returns the container's output. The error is a sentence. */
const tryContainer = async ({ make }: ChosenRuntime): Promise<Result<string, string>> => {
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-doctor-"));
  const install = `doctor-${randomBytes(6).toString("hex")}`;
  const problems: string[] = [];
  const runtime = make({ folder: join(folder, "records"), install, report: (text) => problems.push(text) });
  try {
    const started = await runtime.spawn({
      ...unlimited,
      label: { install, sessionId: "doctor", groupId: "doctor", incarnation: 1, token: 1 },
      image: agentImageName,
      network: "gateway",
      command: [agentNode, "-e", "console.error(process.version)"],
      env: { HOME: folder, PATH: agentPath },
      folder,
      files: { folder, whole: [], entries: [] },
      account: null,
      graceMs: 1_000,
      logFile: join(folder, "log"),
    });
    if (!started.ok) return fail(explain(started.error));
    const container = started.value;
    const timer = setTimeout(() => void container.kill(0), mostMs);
    const { code, lastLines } = await new Promise<Exit>((resolve) => container.onExit(resolve));
    clearTimeout(timer);
    const said = lastLines.join(" ");
    return code === 0
      ? ok(`Node ${said}`)
      : fail(`the container ended with ${code ?? "a signal"}. ${said} ${problems.join(" ")}`);
  } finally {
    await runtime.close();
    await rm(folder, { recursive: true, force: true });
  }
};
