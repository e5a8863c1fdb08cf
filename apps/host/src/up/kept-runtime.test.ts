import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { delimiter, join } from "node:path";
import process from "node:process";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { printedBy, ranCli } from "../ran-cli.fixture.ts";
import { spawnHost, type HostProcess } from "./host.fixture.ts";
import { chatWithAna, endHost, folderWithAna, logOfHost } from "./echo-group.fixture.ts";
import { run } from "./run.fixture.ts";

const { ncl } = inject("programs");

const slow = { tags: ["slow"] };
const within = { timeout: 100_000, interval: 50 };

/** An engine without containers, which starts none. It answers as Podman 4.3.1 does. */
const scriptedPodman = async () => {
  const socket = join(temporaryFolder(), "p.sock");
  const image = { Id: "sha256:a", RepoTags: ["gatehouse-agent:latest"], Labels: {}, Created: 1, Size: 1 };
  const engine = { images: [image] as readonly object[] };
  const answers: Readonly<Record<string, () => unknown>> = {
    version: () => ({ Version: "4.3.1", Components: [{ Name: "Podman Engine" }] }),
    info: () => ({ MemoryLimit: true, PidsLimit: true, CpuCfsQuota: true }),
    images: () => engine.images,
    containers: () => [],
  };
  let server: Server | null = null;
  const off = (): void => {
    server?.close();
    server?.closeAllConnections();
  };
  const on = async (): Promise<void> => {
    server = createServer(({ url = "" }, answer) => {
      const [, asked = ""] = /^\/v[\d.]+\/(\w+)/.exec(url) ?? [];
      if (asked === "events") answer.writeHead(200).flushHeaders();
      else answer.end(JSON.stringify(answers[asked]?.() ?? {}));
    });
    await once(server.listen(socket), "listening");
  };
  await on();
  onTestFinished(off);
  return { engine, socket, on, off };
};

/** A folder in which Podman is installed, on a machine that has it or not. */
const installed = (): string => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "podman"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  return folder;
};

const upOn = async (dataDir: string, socket: string, ...flags: readonly string[]): Promise<HostProcess> => {
  const env = {
    CONTAINER_HOST: `unix://${socket}`,
    DOCKER_HOST: "unix:///proc/nowhere/d.sock",
    PATH: [installed(), process.env["PATH"]].join(delimiter),
  };
  const host = spawnHost(dataDir, ["--runtime", "auto", ...flags], env);
  await host.ready();
  return host;
};

const nameIn = (dataDir: string): unknown =>
  (JSON.parse(readFileSync(join(dataDir, "runtime.json"), "utf8")) as { readonly name: unknown }).name;

test.for<[string, (podman: Awaited<ReturnType<typeof scriptedPodman>>) => void, string]>([
  ["does not run", ({ off }) => off(), "Podman is installed, but nothing listens"],
  ["has lost its image", ({ engine }) => void (engine.images = []), "The agents' image does not exist"],
])(
  "up with a kept engine that %s runs no agent, says why, and goes on once it is back",
  slow,
  async ([, goes, why]) => {
    const dataDir = await folderWithAna();
    const podman = await scriptedPodman();
    const { images } = podman.engine;
    expect(await endHost(await upOn(dataDir, podman.socket))).toContain(
      "Agents run in containers of podman 4.3.1",
    );
    goes(podman);

    const host = await upOn(dataDir, podman.socket);
    expect((await chatWithAna(dataDir, "hello"))[1]).toContain(why);
    const status = await printedBy(dataDir, "status");
    expect(status).toMatch(/^runtime {4}podman 4\.3\.1 at .*[Aa]gents wait.* Fix: /m);
    expect(logOfHost(dataDir)).toContain('"event":"runtime-away"');
    expect(logOfHost(dataDir)).not.toContain('"event":"container-started"');
    podman.engine.images = images;
    if (!existsSync(podman.socket)) await podman.on();
    await vi.waitFor(() => expect(logOfHost(dataDir)).toContain('"event":"runtime-back"'), within);
    expect(await endHost(host)).toContain("Agents wait, and their messages are kept:");
    expect(nameIn(dataDir)).toBe("podman");
  },
);

test("up with a torn choice of the runtime starts nothing, and takes the operator's word", slow, async () => {
  const dataDir = await folderWithAna();
  writeFileSync(join(dataDir, "runtime.json"), '{"name":"pod');
  expect(await ranCli({ dataDir }, "up", "--runtime", "auto")).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/runtime\.json \(it is torn\)\.\nfix: .*--runtime/) as unknown,
  });
  await endHost(await upOn(dataDir, "/proc/nowhere/p.sock", "--runtime", "process"));
  expect(nameIn(dataDir)).toBe("process");
});

test("up on an engine ends an agent that a killed host left as a process", slow, async () => {
  const dataDir = await folderWithAna();
  const first = spawnHost(dataDir);
  await first.ready();
  expect((await chatWithAna(dataDir, "hello"))[0]).toBe("hello\n");
  first.child.kill("SIGKILL");
  await first.ended;
  const started =
    logOfHost(dataDir)
      .split("\n")
      .find((line) => line.includes('"container-started"')) ?? "{}";
  const { reference } = JSON.parse(started) as { readonly reference?: string };
  const podman = await scriptedPodman();
  const second = await upOn(dataDir, podman.socket, "--runtime", "podman");
  const reaped =
    logOfHost(dataDir)
      .split("\n")
      .find((line) => line.includes('"container-reaped"')) ?? "{}";
  expect(JSON.parse(reaped)).toMatchObject({ reference });
  run(ncl, "groups", "config", "update", "Ana", "--tools", "allow-all", "--socket", second.socket);
  await endHost(second);
  const third = spawnHost(dataDir);
  await third.ready();
  expect((await chatWithAna(dataDir, "held"))[1]).toContain("Ana runs only in a container");
  expect(await printedBy(dataDir, "status")).toMatch(/^waits {6}Ana runs only in a container/m);
  run(ncl, "groups", "config", "update", "Ana", "--isolation", "process", "--yes", "--socket", third.socket);
  // Until the next try, who writes is told why the last one failed.
  await vi.waitFor(
    async () => expect(await printedBy(dataDir, "history", "--group", "ana")).toContain(" Ana: held\n"),
    within,
  );
  expect((await chatWithAna(dataDir, "again"))[0]).toBe("again\n");
  await endHost(third);
});
