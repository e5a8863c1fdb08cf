import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { json } from "node:stream/consumers";
import { installOf } from "@gatehouse/data-folder";
import { buildCommand } from "../image/image-command.ts";
import { buildImage } from "@nc/container-runtime/node";
import { expect, onTestFinished } from "vitest";

export type TestEngine = { readonly name: string; readonly socket: string };

/** The engines of `tools/scripts/test-engines.sh`. The socket is empty if an engine does not run. */
export const engines: readonly TestEngine[] = [
  { name: "podman", socket: process.env["GATEHOUSE_TEST_PODMAN"] ?? "" },
  { name: "docker", socket: process.env["GATEHOUSE_TEST_DOCKER"] ?? "" },
];

/**
 * Builds the agents' image on top of the tests' image. `more` has further programs for `/usr/local/bin`: the file on this
 * machine, by name.
 */
export const buildAgents = async (
  { name, socket }: TestEngine,
  more: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "engines-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const programs = Object.entries(more);
  for (const [program, file] of programs) copyFileSync(file, join(folder, program));
  const copies = programs.map(([program]) => `COPY ${program} /usr/local/bin/`);
  const base = "gatehouse-test-programs";
  writeFileSync(join(folder, "Containerfile"), ["FROM gatehouse-test", ...copies].join("\n"));
  const { signal } = new AbortController();
  const built = await buildImage({
    socketPath: socket,
    context: folder,
    name: base,
    arguments: {},
    labels: {},
    onOutput: () => {},
    signal,
  });
  if (!built.ok) expect.fail(built.error.message);
  const containerfile = join(folder, "agents");
  const node = "RUN cp /usr/local/bin/node /opt/gatehouse/node && chmod 0111 /opt/gatehouse/node";
  writeFileSync(containerfile, ["ARG BASE", "FROM ${BASE}", "RUN mkdir -p /opt/gatehouse", node].join("\n"));
  let printed = "";
  const keep = { write: (text: string) => (printed += text) };
  const io = { env: {}, cwd: "/", stdout: keep, stderr: keep, signal };
  const flags = { runtime: name, engineSocket: socket, base, clis: [] };
  const code = await buildCommand(flags, { containerfile, version: "0.0.0" }, io);
  expect({ code, printed }).toEqual({ code: 0, printed: expect.stringContaining("built gatehouse-agent") });
};

/** A socket that forwards to an engine's socket, so that the engine goes away for one host. It starts forwarding. */
export const engineSwitch = async (
  engine: string,
): Promise<{ readonly path: string; readonly on: () => Promise<void>; readonly off: () => void }> => {
  const folder = mkdtempSync(join(tmpdir(), "engine-switch-"));
  const path = join(folder, "engine.sock");
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const onward = connect(engine);
    client.pipe(onward).pipe(client);
    for (const socket of [client, onward]) {
      open.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => {
        open.delete(socket);
        client.destroy();
        onward.destroy();
      });
    }
  });
  const on = async (): Promise<void> => void (await once(server.listen(path), "listening"));
  const off = (): void => {
    server.close();
    for (const socket of open) socket.destroy();
  };
  await on();
  onTestFinished(() => {
    off();
    rmSync(folder, { recursive: true });
  });
  return { path, on, off };
};

/** True if the engine has the network `bridge`. */
export const hasBridge = async (socketPath: string): Promise<boolean> => {
  const asked = get({ socketPath, path: "/v1.41/networks/bridge" });
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  answer.resume();
  return answer.statusCode === 200;
};

/**
 * The names of the containers in which an engine builds packages for the hosts of a data folder, each with its state. Tests of
 * other files build on the same engine.
 */
export const buildsOf = async (
  dataDir: string,
  socketPath: string,
): Promise<Readonly<Record<string, string>>> => {
  const asked = get({ socketPath, path: "/v1.41/containers/json?all=true" });
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  type Listed = {
    readonly Names: readonly string[];
    readonly State: string;
    readonly Labels: Readonly<Record<string, string>>;
  };
  const listed = ((await json(answer)) as readonly Listed[]).filter(
    ({ Names: [name = ""], Labels }) =>
      name.includes("gatehouse-build-") && Object.values(Labels).includes(installOf(dataDir)),
  );
  return Object.fromEntries(listed.map(({ Names: [name = ""], State }) => [name, State]));
};
