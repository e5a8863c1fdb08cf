import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fail, ok, type Environment, type Result } from "@gatehouse/std";
import { explain, unlimited, type Exit } from "@nc/container-runtime";
import { agentImageName, agentPath } from "./agent-image.ts";
import { chooseForFolder, type ChosenRuntime, type RuntimeFlags } from "./choose-runtime.ts";

/** The result of the containers check of `gatehouse doctor`. */
export type ContainersCheck = { readonly ok: boolean; readonly message: string; readonly fix?: string };

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
  if (!chosen.ok) return { ok: false, ...chosen.error };
  if (chosen.value.images === null) return null;
  if ((await chosen.value.problem()) !== null) return { ok: false, message: chosen.value.notes.join(" ") };
  const tried = await tryContainer(chosen.value);
  const notes = chosen.value.notes.join(" ");
  return tried.ok
    ? { ok: true, message: `a container starts, with ${tried.value}. ${notes}` }
    : { ok: false, message: `No container starts: ${tried.error} ${notes}`, fix: "gatehouse image build" };
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
