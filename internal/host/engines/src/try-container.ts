import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fail, ok, type Environment, type Result } from "@gatehouse/std";
import { explain, unlimited, type Exit } from "@nc/container-runtime";
import { agentImageName, agentPath } from "./agent-image.ts";
import { chooseForFolder, type ChosenRuntime, type RuntimeFlags } from "./choose-runtime.ts";

/** The result of the containers check of `gatehouse doctor`. */
export type ContainersCheck = {
  /** True if agents have the CLIs of their image; false in a sandbox, which has those of the machine. */
  readonly hasImage: boolean;
  readonly ok: boolean;
  readonly message: string;
  readonly fix?: string;
};

/** The time limit of the test container, ms. */
const mostMs = 60_000;

/**
 * Starts a container with the settings of an agent's container, and waits for its end. Returns null if a host would run its
 * agents as processes.
 */
export const checkContainers = async (
  flags: RuntimeFlags,
  env: Environment,
  { version, dataDir }: { readonly version: string; readonly dataDir: string },
): Promise<ContainersCheck | null> => {
  const chosen = await chooseForFolder(flags, env, version, dataDir);
  if (!chosen.ok) return { hasImage: true, ok: false, ...chosen.error };
  const isSandbox = chosen.value.inUse.name === "sandbox";
  if (chosen.value.images === null && !isSandbox) return null;
  const hasImage = !isSandbox;
  const problem = await chosen.value.problem();
  const notes = chosen.value.notes.join(" ");
  if (problem !== null) return { hasImage, ok: false, message: notes };
  // The problem of sandboxes is found by starting one.
  if (isSandbox) return { hasImage, ok: true, message: `a sandbox starts. ${notes}` };
  const tried = await tryContainer(chosen.value);
  return tried.ok
    ? { hasImage, ok: true, message: `a container starts, with ${tried.value}. ${notes}` }
    : {
        hasImage,
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
      ...{
        image: agentImageName,
        network: "gateway",
        command: ["node", "-e", "console.error(process.version)"],
      },
      env: { HOME: folder, PATH: agentPath },
      ...{ folder, files: { folder, whole: [], entries: [] } },
      ...{ account: null, graceMs: 1_000, logFile: join(folder, "log") },
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
