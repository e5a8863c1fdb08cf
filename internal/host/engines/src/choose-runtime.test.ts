import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runtimes } from "@nc/container-runtime/node";
import { chooseRuntime } from "./choose-runtime.ts";
import { socketsOf } from "./find-engine.ts";

type Played = {
  readonly podman?: true;
  /** The labels of the agents' image; missing if there is none. */
  readonly image?: Readonly<Record<string, string>>;
};

/** Plays the answers of an engine that `up` looks at, at a socket. */
const played = async ({ podman, image }: Played): Promise<string> => {
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

/** Where no engine is, whatever runs on the machine of the tests. */
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

test.for<[string, Played | null, string, object]>([
  ["auto, without an engine: processes", null, "auto", { ...withoutEngine, notes: [processes] }],
  [
    "auto, with an engine that has no image: processes, and how to get the image",
    { podman: true },
    "auto",
    {
      ...withoutEngine,
      notes: [processes, expect.stringContaining("gatehouse image build --runtime podman")],
    },
  ],
  [
    "auto, with an engine and its image: containers",
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
    "an image of another version: it is said",
    { podman: true, image: { "gatehouse.image": "1.0.0" } },
    "podman",
    {
      ...onEngine("podman"),
      notes: [
        "Agents run in containers of podman 9.9, without a network unless their group has an open one.",
        "Their image is of gatehouse 1.0.0, this is 1.2.3: gatehouse image build --runtime podman",
      ],
    },
  ],
  ["process, though an engine runs", { image: own }, "process", { ...withoutEngine, notes: [] }],
])("%s", async ([, engine, runtime, expected]) => {
  const socket = engine === null ? null : await played(engine);
  const variable = engine?.podman === true ? "CONTAINER_HOST" : "DOCKER_HOST";
  const env = { ...nowhere, ...(socket === null ? {} : { [variable]: `unix://${socket}` }) };
  expect(await chooseRuntime({ runtime }, env, "1.2.3")).toEqual({
    ok: true,
    value: { make: expect.any(Function), ...expected },
  });
});

test("tells Docker the OCI runtime that the environment names, and says so", async () => {
  const env = { ...nowhere, DOCKER_HOST: `unix://${await played({ image: own })}` };
  expect(await chooseRuntime({}, { ...env, GATEHOUSE_OCI_RUNTIME: "runsc" }, "1.2.3")).toMatchObject({
    ok: true,
    value: {
      notes: [expect.stringMatching(/^Agents run in containers of docker 9.9 by the OCI runtime runsc,/)],
    },
  });
});

test.for(["auto", "podman"])(
  "refuses an OCI runtime that Podman would silently ignore, with --runtime %s",
  async (runtime) => {
    const env = { ...nowhere, CONTAINER_HOST: `unix://${await played({ podman: true, image: own })}` };
    expect(
      await chooseRuntime({ runtime }, { ...env, GATEHOUSE_OCI_RUNTIME: "kata" }, "1.2.3"),
    ).toMatchObject({
      ok: false,
      error: { code: "oci-runtime-unsupported" },
    });
  },
);

test("falls back to no process if the environment names an OCI runtime", async () => {
  expect(await chooseRuntime({}, { ...nowhere, GATEHOUSE_OCI_RUNTIME: "runsc" }, "1.2.3")).toMatchObject({
    ok: false,
    error: { code: "engine-unavailable" },
  });
});

test.for<[string, Played | null, object, object]>([
  ["an engine that does not run", null, { runtime: "docker" }, { code: "engine-unavailable" }],
  ["an engine without the image", {}, { runtime: "docker" }, { code: "image-missing" }],
  ["the other engine at the socket", { podman: true }, { runtime: "docker" }, { code: "engine-unavailable" }],
  ["a name that is none", null, { runtime: "toString" }, { code: "unknown-runtime" }],
  ["a socket for processes", null, { runtime: "process", engineSocket: "/a" }, { code: "usage" }],
  ["a socket without an engine", null, { engineSocket: "/nowhere/a.sock" }, { code: "engine-unavailable" }],
])("refuses %s", async ([, engine, flags, error]) => {
  const named = engine === null ? {} : { engineSocket: await played(engine) };
  expect(await chooseRuntime({ ...named, ...flags }, nowhere, "1.2.3")).toMatchObject({ ok: false, error });
});

test.for<[string, "docker" | "podman", Readonly<Record<string, string>>, readonly string[]]>([
  ["Docker's own", "docker", {}, ["/var/run/docker.sock"]],
  [
    "Podman's, and that of the account",
    "podman",
    { XDG_RUNTIME_DIR: "/run/user/7" },
    ["/run/podman/podman.sock", "/run/user/7/podman/podman.sock"],
  ],
  ["the one that its client uses", "docker", { DOCKER_HOST: "unix:///a/d.sock" }, ["/a/d.sock"]],
  ["none on another machine", "docker", { DOCKER_HOST: "tcp://there:2375" }, []],
])("the sockets of an engine: %s", ([, name, env, sockets]) => expect(socketsOf(name, env)).toEqual(sockets));

test.for(Object.entries(runtimes))("a host takes the runtime %s of the table", async ([runtime, make]) =>
  expect(await chooseRuntime({ runtime }, nowhere, "1.2.3")).toMatchObject({
    ok: true,
    value: { make, inUse: { name: runtime, socketPath: null }, notes: [] },
  }),
);
