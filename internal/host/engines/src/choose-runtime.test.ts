import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runtimes } from "@nc/container-runtime/node";
import { chooseRuntime } from "./choose-runtime.ts";
import { socketsOf } from "./find-engine.ts";

type FakeEngine = {
  readonly podman?: true;
  /** The labels of the agents' image; missing if there is none. */
  readonly image?: Readonly<Record<string, string>>;
};

/** Starts a fake engine that answers the questions of `chooseRuntime`. Returns its socket. */
const fakeEngine = async ({ podman, image }: FakeEngine): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), "choose-runtime-"));
  const name = podman ? "Podman Engine" : "Engine";
  const images = [
    {
      Id: "sha256:a",
      RepoTags: ["docker.io/library/gatehouse-agent:latest"],
      Labels: image,
      Created: 1,
      Size: 1,
    },
  ];
  const answers: Readonly<Record<string, unknown>> = {
    version: { Version: "9.9", Components: [{ Name: name }] },
    info: { MemoryLimit: true, PidsLimit: true, CpuCfsQuota: true, LiveRestoreEnabled: true },
    images: image === undefined ? [] : images,
  };
  const server = createServer(({ url = "" }, answer) => {
    const [, , asked = ""] = /^\/(v[\d.]+)\/(\w+)/.exec(url) ?? [];
    answer.end(JSON.stringify(answers[asked]));
  });
  const socket = join(folder, "engine.sock");
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  return socket;
};

const own = { "gatehouse.image": "1.2.3" };

/** An environment without an engine, whatever runs on the machine of the tests. */
const nowhere = { DOCKER_HOST: "unix:///nowhere/docker.sock", CONTAINER_HOST: "unix:///nowhere/podman.sock" };

const processes = expect.stringMatching(/^Agents run as processes, with all rights of their account/);

const withoutEngine = {
  images: null,
  inUse: { name: "process", version: null, socketPath: null },
};
const onEngine = (name: string) => ({
  images: expect.anything() as unknown,
  inUse: { name, version: "9.9", socketPath: expect.stringMatching(/engine\.sock$/) as unknown },
});

test.for<[string, FakeEngine | null, string, object]>([
  ["processes for auto without an engine", null, "auto", { ...withoutEngine, notes: [processes] }],
  [
    "processes for auto with an engine that has no image, and names the command that builds the image",
    { podman: true },
    "auto",
    {
      ...withoutEngine,
      notes: [processes, expect.stringContaining("gatehouse image build --runtime podman")],
    },
  ],
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
    { ...withoutEngine, notes: [] },
  ],
])("chooseRuntime chooses %s", async ([, engine, runtime, expected]) => {
  const socket = engine === null ? null : await fakeEngine(engine);
  const variable = engine?.podman === true ? "CONTAINER_HOST" : "DOCKER_HOST";
  const env = { ...nowhere, ...(socket === null ? {} : { [variable]: `unix://${socket}` }) };
  expect(await chooseRuntime({ runtime }, env, "1.2.3")).toEqual({
    ok: true,
    value: { make: expect.any(Function), ...expected },
  });
});

test("chooseRuntime gives Docker the OCI runtime that the environment names, and notes it", async () => {
  const env = { ...nowhere, DOCKER_HOST: `unix://${await fakeEngine({ image: own })}` };
  expect(await chooseRuntime({}, { ...env, GATEHOUSE_OCI_RUNTIME: "runsc" }, "1.2.3")).toMatchObject({
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
      await chooseRuntime({ runtime }, { ...env, GATEHOUSE_OCI_RUNTIME: "kata" }, "1.2.3"),
    ).toMatchObject({
      ok: false,
      error: { code: "oci-runtime-unsupported" },
    });
  },
);

test("chooseRuntime does not choose processes if the environment names an OCI runtime", async () => {
  expect(await chooseRuntime({}, { ...nowhere, GATEHOUSE_OCI_RUNTIME: "runsc" }, "1.2.3")).toMatchObject({
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
  ["a socket without an engine", null, { engineSocket: "/nowhere/a.sock" }, { code: "engine-unavailable" }],
])("chooseRuntime refuses %s", async ([, engine, flags, error]) => {
  const named = engine === null ? {} : { engineSocket: await fakeEngine(engine) };
  expect(await chooseRuntime({ ...named, ...flags }, nowhere, "1.2.3")).toMatchObject({ ok: false, error });
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

test.for(Object.entries(runtimes))(
  "chooseRuntime knows the runtime %s of the table",
  async ([runtime, make]) =>
    expect(await chooseRuntime({ runtime }, nowhere, "1.2.3")).toMatchObject({
      ok: true,
      value: { make, inUse: { name: runtime, socketPath: null }, notes: [] },
    }),
);
