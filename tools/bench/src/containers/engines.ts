import { spawnSync } from "node:child_process";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import type { Result } from "@gatehouse/std";

/** An engine of `tools/scripts/test-engines.sh`, with the agents' image of this build. */
export type BenchEngine = {
  readonly name: EngineName;
  readonly socket: string;
  /** Runs the engine's own client, such as `run --rm IMAGE PROGRAM`; throws if it fails. */
  readonly client: (...args: readonly string[]) => void;
};

export type EngineName = "docker" | "podman";

/** The image of agents in which the host starts them. */
export const image = "gatehouse-agent";

/**
 * An engine that runs, after it has built the agents' image with the built programs. The error is the reason why this
 * machine has none.
 */
export const engineWithImage = async (
  name: EngineName,
  gatehouse: string,
): Promise<Result<BenchEngine, string>> => {
  const named = engineSocket(name);
  if (!named.ok) return named;
  const socket = named.value;
  const client = clientOf(name, socket);
  const context = await mkdtemp(join(tmpdir(), "bench-image-"));
  try {
    const programs = ["agent-runner.cjs", "ncl.cjs"];
    for (const program of programs)
      await copyFile(join(dirname(gatehouse), "../dist", program), join(context, program));
    await writeFile(
      join(context, "Containerfile"),
      `FROM gatehouse-test\nLABEL gatehouse.image=bench\nCOPY ${programs.join(" ")} /opt/gatehouse/\n`,
    );
    client("build", "-q", "-t", image, "-f", join(context, "Containerfile"), context);
  } finally {
    await rm(context, { recursive: true });
  }
  return { ok: true, value: { name, socket, client } };
};

/** The socket of an engine; the error is the reason why there is none. */
export const engineSocket = (name: EngineName): Result<string, string> => {
  const variable = `GATEHOUSE_TEST_${name.toUpperCase()}`;
  const socket = process.env[variable] ?? "";
  return socket === ""
    ? { ok: false, error: `${variable} names no socket: tools/scripts/test-engines.sh start FOLDER` }
    : { ok: true, value: socket };
};

const clientOf =
  (name: EngineName, socket: string): BenchEngine["client"] =>
  (...args) => {
    const at = name === "podman" ? ["--url", `unix://${socket}`] : ["--host", `unix://${socket}`];
    // Docker's newer builder is another program, which a machine may lack.
    const env = { ...process.env, DOCKER_BUILDKIT: "0" };
    const { status, stderr, error } = spawnSync(name, [...at, ...args], { encoding: "utf8", env });
    if (status !== 0) throw new Error(`${name} ${args.join(" ")}: ${error?.message ?? stderr}`);
  };
