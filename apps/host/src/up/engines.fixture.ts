import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { buildCommand } from "@gatehouse/engines/image";
import { expect, inject, onTestFinished } from "vitest";

export type TestEngine = { readonly name: string; readonly socket: string };

/** The engines of `tools/scripts/test-engines.sh`. The socket is empty if an engine does not run. */
export const engines: readonly TestEngine[] = [
  { name: "podman", socket: process.env["GATEHOUSE_TEST_PODMAN"] ?? "" },
  { name: "docker", socket: process.env["GATEHOUSE_TEST_DOCKER"] ?? "" },
];

/**
 * Builds the agents' image on top of the tests' image, with the programs of gatehouse. `more` has further programs for
 * `/usr/local/bin`: the file on this machine, by name.
 */
export const buildAgents = async (
  { name, socket }: TestEngine,
  more: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "engines-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const own = (["agent-runner", "ncl"] as const).map((program) => {
    const file = join(folder, `${program}.cjs`);
    writeFileSync(file, readFileSync(inject("programs")[program]), { mode: 0o644 });
    return file;
  });
  const others = Object.entries(more).map(([program, file]) => {
    const named = join(folder, program);
    copyFileSync(file, named);
    return named;
  });
  const lines = [
    ...own.map((file) => `COPY ${basename(file)} /opt/gatehouse/`),
    ...others.map((file) => `COPY ${basename(file)} /usr/local/bin/`),
  ];
  const containerfile = join(folder, "Containerfile");
  writeFileSync(containerfile, ["ARG BASE", "FROM ${BASE}", ...lines].join("\n"));
  let printed = "";
  const keep = { write: (text: string) => (printed += text) };
  const io = { env: {}, cwd: "/", stdout: keep, stderr: keep, signal: new AbortController().signal };
  const flags = { runtime: name, engineSocket: socket, base: "gatehouse-test", clis: [] };
  const files = { containerfile, programs: [...own, ...others], version: "0.0.0" };
  const code = await buildCommand(flags, files, io);
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
