import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { probeSandbox } from "@nc/container-runtime/node";
import { chooseForFolder, chooseRuntime } from "./choose-place.ts";
import { placeFacts } from "./facts.ts";
import { fakeEngine, type FakeEngine } from "./local/fake-engine.fixture.ts";
import type { RuntimeInUse } from "./runtime-in-use.ts";
import { socketsOf } from "./local/find-engine.ts";

/** A data folder whose choice is torn. */
const tornFolder = (): string => {
  const dataDir = mkdtempSync(join(tmpdir(), "choose-runtime-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  writeFileSync(join(dataDir, "runtime.json"), '{"name":"podm');
  return dataDir;
};

const own = { "gatehouse.image": "1.2.3" };

/** An environment without an engine and without bubblewrap, whatever the machine of the tests has. */
const nowhere = {
  DOCKER_HOST: "unix:///proc/nowhere/docker.sock",
  CONTAINER_HOST: "unix:///proc/nowhere/podman.sock",
  PATH: "/proc/nowhere",
};

const keptProcesses: RuntimeInUse = {
  name: "process",
  version: null,
  socketPath: null,
  ociRuntime: null,
};

const processes = expect.stringMatching(/^Agents run as processes, with all rights of their account/);

const withoutEngine = {
  name: "process",
  inUse: { name: "process", version: null, socketPath: null, ociRuntime: null },
};
const onEngine = (name: string) => ({
  name,
  inUse: {
    name,
    version: "9.9",
    ociRuntime: null,
    socketPath: expect.stringMatching(/engine\.sock$/) as unknown,
  },
});

test.for<[string, FakeEngine | null, string, object]>([
  [
    "containers for auto with an engine that has the image",
    { image: own },
    "auto",
    {
      ...onEngine("docker"),
      notes: [
        "Agents run in containers of docker 9.9, without a network unless their group has an open one.",
      ],
    },
  ],
  [
    "containers with an image of another version, and notes both versions",
    { podman: true, image: { "gatehouse.image": "1.0.0" } },
    "podman",
    {
      ...onEngine("podman"),
      notes: [
        "Agents run in containers of podman 9.9, without a network unless their group has an open one.",
        "The agents' image is of gatehouse 1.0.0, this host of 1.2.3: gatehouse image build --runtime podman",
      ],
    },
  ],
  [
    "processes for process, though an engine runs",
    { image: own },
    "process",
    { ...withoutEngine, notes: [processes] },
  ],
])("chooseRuntime chooses %s", async ([, engine, runtime, expected]) => {
  const socket = engine === null ? null : await fakeEngine(engine);
  const imageVersion = runtime === "process" ? null : (engine?.image?.["gatehouse.image"] ?? null);
  const variable = engine?.podman === true ? "CONTAINER_HOST" : "DOCKER_HOST";
  const env = { ...nowhere, ...(socket === null ? {} : { [variable]: `unix://${socket}` }) };
  expect(await chooseRuntime({ runtime }, env, "1.2.3", null)).toEqual({
    ok: true,
    value: {
      problem: expect.any(Function),
      tryStart: expect.any(Function),
      open: expect.any(Function),
      imageVersion,
      ...expected,
    },
  });
});

/** A folder for PATH with programs that do nothing. */
const pathWith = (...names: readonly string[]): string => {
  const folder = mkdtempSync(join(tmpdir(), "choose-runtime-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of names) writeFileSync(join(folder, name), "#!/bin/sh\n", { mode: 0o755 });
  return folder;
};

/** A folder for PATH with a bubblewrap that does nothing, and with setpriv. */
const sandboxPath = (): string => {
  const folder = pathWith("setpriv", "unshare", "bwrap");
  writeFileSync(join(folder, "bwrap"), '#!/bin/sh\n[ "$1" != --version ] || echo bubblewrap 0.8.0\n');
  return folder;
};

const inSandboxes = expect.stringMatching(/^Agents run in sandboxes of bubblewrap 0\.8\.0:/);

/** The outcome of `--runtime auto` without a kept choice: the runtime's name and notes, or the failure. */
test.runIf(process.platform === "linux").for<[string, FakeEngine | null, boolean, object]>([
  ["sandboxes without an engine", null, true, { name: "sandbox", notes: [inSandboxes] }],
  [
    "sandboxes with an engine that has no image, and names the command that builds the image",
    { podman: true },
    true,
    {
      name: "sandbox",
      notes: [inSandboxes, expect.stringContaining("gatehouse image build --runtime podman")],
    },
  ],
  [
    "containers with an image, though a sandbox starts",
    { podman: true, image: own },
    true,
    { name: "podman" },
  ],
  [
    "nothing without an engine and bubblewrap, and names both ways",
    null,
    false,
    {
      code: "no-isolation",
      fix: expect.stringMatching(/apt-get install bubblewrap.*gatehouse up --runtime process, which gives/),
    },
  ],
  [
    "nothing without an image and bubblewrap, and names the command that builds the image",
    { podman: true },
    false,
    { code: "no-isolation", message: expect.stringContaining("gatehouse image build --runtime podman") },
  ],
])("chooseRuntime without a kept choice chooses %s", async ([, engine, hasSandbox, expected]) => {
  const socket = engine === null ? {} : { CONTAINER_HOST: `unix://${await fakeEngine(engine)}` };
  const env = { ...nowhere, ...socket, ...(hasSandbox ? { PATH: sandboxPath() } : {}) };
  const chosen = await chooseRuntime({}, env, "1.2.3", null);
  const { name, notes } = chosen.ok ? { ...chosen.value, ...chosen.value.inUse } : { name: null, notes: [] };
  expect(chosen.ok ? { name, notes } : chosen.error).toMatchObject(expected);
});

test.runIf(process.platform === "linux")(
  "chooseRuntime without a kept choice does not mention a Podman that is only installed, if a sandbox starts",
  async () => {
    const PATH = `${sandboxPath()}:${pathWith("podman")}`;
    const chosen = await chooseRuntime({}, { ...nowhere, PATH }, "1.2.3", null);
    expect(chosen.ok && chosen.value.notes).toEqual([inSandboxes]);
  },
);

test.runIf(process.platform === "linux")(
  "chooseRuntime keeps to processes, and offers a sandbox that starts here",
  async () => {
    const chosen = await chooseRuntime({}, { ...nowhere, PATH: sandboxPath() }, "1.2.3", keptProcesses);
    expect(chosen.ok && chosen.value.notes).toEqual([
      processes,
      expect.stringContaining("gatehouse up --runtime sandbox"),
    ]);
  },
);

test.for(["podman", "auto"])(
  "chooseRuntime with --runtime %s names the command that makes an installed Podman listen",
  async (runtime) => {
    const env = { ...nowhere, PATH: pathWith("podman") };
    const chosen = await chooseRuntime({ runtime }, env, "1.2.3", null);
    const { code, message, fix } = chosen.ok ? expect.fail("it was chosen") : chosen.error;
    expect(code).toBe(runtime === "auto" ? "no-isolation" : "engine-silent");
    expect(`${message} ${fix}`).toContain("Podman is installed, but nothing listens for its API");
    expect(`${message} ${fix}`).toMatch(/systemctl .*enable --now podman\.socket/);
  },
);

test("chooseRuntime gives Docker the OCI runtime that the environment names, and notes it", async () => {
  const env = { ...nowhere, DOCKER_HOST: `unix://${await fakeEngine({ image: own })}` };
  expect(await chooseRuntime({}, { ...env, GATEHOUSE_OCI_RUNTIME: "runsc" }, "1.2.3", null)).toMatchObject({
    ok: true,
    value: {
      notes: [expect.stringMatching(/^Agents run in containers of docker 9.9 by the OCI runtime runsc,/)],
    },
  });
});

test.for(["auto", "podman"])(
  "chooseRuntime with --runtime %s refuses an OCI runtime that Podman would ignore",
  async (runtime) => {
    const env = { ...nowhere, CONTAINER_HOST: `unix://${await fakeEngine({ podman: true, image: own })}` };
    expect(
      await chooseRuntime({ runtime }, { ...env, GATEHOUSE_OCI_RUNTIME: "kata" }, "1.2.3", null),
    ).toMatchObject({
      ok: false,
      error: { code: "oci-runtime-unsupported" },
    });
  },
);

test("chooseRuntime does not choose sandboxes if the environment names an OCI runtime", async () => {
  const env = { ...nowhere, PATH: sandboxPath(), GATEHOUSE_OCI_RUNTIME: "runsc" };
  expect(await chooseRuntime({}, env, "1.2.3", null)).toMatchObject({
    ok: false,
    error: { code: "engine-unavailable" },
  });
});

test.for<[string, FakeEngine | null, object, object]>([
  ["an engine that does not run", null, { runtime: "docker" }, { code: "engine-unavailable" }],
  ["an engine without the image", {}, { runtime: "docker" }, { code: "image-missing" }],
  ["a socket of the other engine", { podman: true }, { runtime: "docker" }, { code: "engine-unavailable" }],
  ["an unknown name", null, { runtime: "toString" }, { code: "unknown-runtime" }],
  ["a socket for processes", null, { runtime: "process", engineSocket: "/a" }, { code: "usage" }],
  [
    "a socket without an engine",
    null,
    { engineSocket: "/proc/nowhere/a.sock" },
    { code: "engine-unavailable" },
  ],
])("chooseRuntime refuses %s", async ([, engine, flags, error]) => {
  const named = engine === null ? {} : { engineSocket: await fakeEngine(engine) };
  expect(await chooseRuntime({ ...named, ...flags }, nowhere, "1.2.3", null)).toMatchObject({
    ok: false,
    error,
  });
});

/** What is at the socket of the kept engine, and at the usual sockets. */
type EngineState = "away" | "pruned" | "there" | "another";

/** The outcome: the engine's name, `waits`, `process`, or the code of a failure. */
test.for<[EngineState, "nothing" | "process" | "podman", string | undefined, string]>([
  ["away", "nothing", undefined, "no-isolation"],
  ["pruned", "nothing", undefined, "no-isolation"],
  ["there", "nothing", undefined, "podman"],
  ["away", "podman", undefined, "waits"],
  ["pruned", "podman", undefined, "waits"],
  ["another", "podman", undefined, "waits"],
  ["there", "podman", undefined, "podman"],
  ["away", "podman", "auto", "waits"],
  ["pruned", "podman", "podman", "waits"],
  ["away", "podman", "podman", "waits"],
  ["there", "podman", "podman", "podman"],
  // The operator's word changes the choice; an engine that is not there is not chosen.
  ["there", "podman", "process", "process"],
  ["away", "podman", "process", "process"],
  ["away", "podman", "docker", "engine-unavailable"],
  ["away", "process", "podman", "engine-unavailable"],
  ["pruned", "process", "podman", "image-missing"],
  ["away", "nothing", "podman", "engine-unavailable"],
  ["there", "process", "podman", "podman"],
  // An engine that comes later is offered, and not taken.
  ["there", "process", undefined, "process"],
  ["away", "process", undefined, "process"],
])(
  "chooseRuntime, with an engine that is %s, %s kept and --runtime %s, gives %s",
  async ([state, keptName, runtime, outcome]) => {
    const engine: Readonly<Record<EngineState, FakeEngine | null>> = {
      away: null,
      pruned: { podman: true },
      there: { podman: true, image: own },
      another: { image: own },
    };
    const fake = engine[state];
    const socketPath = fake === null ? "/proc/nowhere/podman.sock" : await fakeEngine(fake);
    const env = { ...nowhere, CONTAINER_HOST: `unix://${socketPath}` };
    const kept = {
      nothing: null,
      process: keptProcesses,
      podman: { name: "podman", version: "4.3.1", ociRuntime: null, socketPath },
    }[keptName];
    const flags = runtime === undefined ? {} : { runtime };
    const chosen = await chooseRuntime(flags, env, "1.2.3", kept);
    const outcomeOf = async (): Promise<string> => {
      if (!chosen.ok) return chosen.error.code;
      const { name, inUse, problem, notes } = chosen.value;
      const why = await problem();
      if (placeFacts[name].isolation !== "container") return inUse.name;
      expect(inUse.socketPath).toBe(socketPath);
      expect(why === null ? "" : why).toBe(why === null ? "" : notes[0]?.replace(/^Agents wait.*?: /, ""));
      return why === null ? inUse.name : "waits";
    };
    expect(await outcomeOf()).toBe(outcome);
    if (state === "there" && keptName === "process" && runtime === undefined && chosen.ok)
      expect(chosen.value.notes).toEqual([
        processes,
        expect.stringContaining("gatehouse up --runtime podman"),
      ]);
  },
);

test("chooseRuntime keeps to sandboxes, though an engine answers at a usual socket", async () => {
  const env = { ...nowhere, DOCKER_HOST: `unix://${await fakeEngine({ image: own })}` };
  const kept = { ...keptProcesses, name: "sandbox" };
  expect(await chooseRuntime({}, env, "1.2.3", kept)).toMatchObject({
    ok: true,
    value: { inUse: kept, name: "sandbox" },
  });
});

test("chooseRuntime keeps to the kept socket, though another engine answers at a usual one", async () => {
  const env = { ...nowhere, DOCKER_HOST: `unix://${await fakeEngine({ image: own })}` };
  const kept = { name: "podman", version: "4.3.1", ociRuntime: null, socketPath: "/proc/nowhere/p.sock" };
  const chosen = await chooseRuntime({}, env, "1.2.3", kept);
  expect(chosen).toMatchObject({ ok: true, value: { inUse: kept } });
});

test.for<[string, string | undefined, string | null]>([
  ["keeps the OCI runtime that the operator chose, without the variable", undefined, "runsc"],
  ["takes another OCI runtime that the variable names", "kata", "kata"],
  ["drops the OCI runtime if the operator names the engine without the variable", "docker", null],
])("chooseRuntime %s", async ([, word, ociRuntime]) => {
  const socketPath = await fakeEngine({ image: own });
  const env = { ...nowhere, DOCKER_HOST: `unix://${socketPath}` };
  const named = word === "docker" ? {} : { GATEHOUSE_OCI_RUNTIME: word };
  const kept = { name: "docker", version: "9.9", socketPath, ociRuntime: "runsc" };
  const flags = word === "docker" ? { runtime: "docker" } : {};
  const chosen = await chooseRuntime(flags, { ...env, ...named }, "1.2.3", kept);
  expect(chosen).toMatchObject({ ok: true, value: { inUse: { ociRuntime } } });
});

test.for(["auto", undefined])("chooseForFolder refuses a torn choice with --runtime %s", async (runtime) => {
  const dataDir = tornFolder();
  const flags = runtime === undefined ? {} : { runtime };
  const error = { code: "runtime-choice-unreadable" };
  expect(await chooseForFolder(flags, nowhere, "1.2.3", dataDir)).toMatchObject({ ok: false, error });
});

test("chooseForFolder takes the operator's word in place of a torn choice", async () => {
  const chosen = await chooseForFolder({ runtime: "process" }, nowhere, "1.2.3", tornFolder());
  expect(chosen).toMatchObject({ ok: true, value: { inUse: { name: "process" } } });
});

test.for<[string, "docker" | "podman", Readonly<Record<string, string>>, readonly string[]]>([
  ["Docker's default socket", "docker", {}, ["/var/run/docker.sock"]],
  [
    "Podman's default sockets, also the account's",
    "podman",
    { XDG_RUNTIME_DIR: "/run/user/7" },
    ["/run/podman/podman.sock", "/run/user/7/podman/podman.sock"],
  ],
  ["the socket of the client's variable", "docker", { DOCKER_HOST: "unix:///a/d.sock" }, ["/a/d.sock"]],
  ["no socket if the client uses another machine", "docker", { DOCKER_HOST: "tcp://there:2375" }, []],
])("socketsOf returns %s", ([, name, env, sockets]) => expect(socketsOf(name, env)).toEqual(sockets));

test.for(["process", "sandbox"])(
  "chooseRuntime knows the runtime %s of the table",
  { tags: ["rest"] },
  async (runtime, { skip }) => {
    const { PATH } = process.env;
    const probed = runtime === "sandbox" ? await probeSandbox() : null;
    skip(probed?.ok === false, "no sandbox starts here");
    expect(await chooseRuntime({ runtime }, { ...nowhere, PATH }, "1.2.3", null)).toMatchObject({
      ok: true,
      value: { name: runtime, inUse: { name: runtime, socketPath: null } },
    });
  },
);
