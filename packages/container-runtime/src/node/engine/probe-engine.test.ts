import { expect, test } from "vitest";
import { testEngines } from "./engine-subject.fixture.ts";
import { engineFactsIn, probeEngine } from "./probe-engine.ts";

const docker = { Version: "20.10.24+dfsg1", Components: [{ Name: "Engine", Version: "20.10.24+dfsg1" }] };
const podman = { Version: "4.3.1", Components: [{ Name: "Podman Engine", Version: "4.3.1" }] };
const able = { MemoryLimit: true, PidsLimit: true, CpuCfsQuota: true, LiveRestoreEnabled: true };
const rootlessPodman = { MemoryLimit: false, PidsLimit: false, CpuCfsQuota: false, Rootless: true };
const cannotLimit = "The engine cannot limit it on this machine.";

test.each([
  { what: "Docker", version: docker, info: able, name: "docker", cannot: {}, warnings: [] },
  {
    what: "Podman, which has no live-restore and needs none",
    version: podman,
    name: "podman",
    info: { ...able, LiveRestoreEnabled: false },
    cannot: {},
    warnings: [],
  },
  {
    what: "Docker without live-restore",
    version: docker,
    name: "docker",
    cannot: {},
    info: { ...able, LiveRestoreEnabled: false },
    warnings: ["Docker runs without live-restore: a restart of Docker ends every agent."],
  },
  {
    what: "rootless Docker",
    version: docker,
    name: "docker",
    cannot: {},
    info: { ...able, SecurityOptions: ["name=seccomp,profile=default", "name=rootless"] },
    warnings: ["The engine runs without root: limits may not hold (cgroup v1)."],
  },
  {
    what: "rootless Podman without limits",
    version: podman,
    name: "podman",
    info: rootlessPodman,
    cannot: { memoryMb: cannotLimit, pids: cannotLimit, cpus: cannotLimit },
    warnings: ["The engine runs without root: limits may not hold (cgroup v1)."],
  },
  {
    what: "Podman without an overlay",
    version: podman,
    name: "podman",
    cannot: {},
    info: { ...able, Driver: "vfs" },
    warnings: [expect.stringContaining("copies the whole image for each container") as unknown],
  },
  {
    what: "Podman with an overlay",
    version: podman,
    name: "podman",
    cannot: {},
    info: { ...able, Driver: "overlay" },
    warnings: [],
  },
])("engineFactsIn reads the answers of $what", ({ version, info, name, cannot, warnings }) => {
  expect(engineFactsIn(version, info)).toEqual({
    name,
    version: version.Version,
    cannot,
    isRootlessPodman: info === rootlessPodman,
    warnings,
  });
});

test.for(testEngines)(
  "probeEngine knows $name by its answers",
  { tags: ["rest"] },
  async ({ name, socketPath = "" }, { skip }) => {
    skip(socketPath === "", `GATEHOUSE_TEST_${name.toUpperCase()} names no socket of ${name}`);
    expect(await probeEngine(socketPath)).toMatchObject({
      ok: true,
      value: { name, cannot: {}, warnings: [] },
    });
  },
);

test("probeEngine names a socket that does not answer", async () => {
  expect(await probeEngine("/proc/nowhere/engine.sock")).toEqual({
    ok: false,
    error: { code: "runtime-unavailable", message: "/proc/nowhere/engine.sock does not answer (ENOENT)." },
  });
});
