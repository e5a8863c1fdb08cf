import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fail, ok, type Result } from "@gatehouse/std";
import { explain, unlimited, type ContainerRuntime, type Exit } from "@nc/container-runtime";
import type { RuntimeOptions } from "@nc/container-runtime/node";
import { agentImageName, agentNode, agentPath } from "./agent-image.ts";

/** The time limit of the test container, ms. */
const mostMs = 60_000;

/** Starts a container as that of an agent, and waits for its end. Returns its output. The error is a sentence. */
export const tryContainer = async (
  make: (options: RuntimeOptions) => ContainerRuntime,
): Promise<Result<string, string>> => {
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
