import { Buffer } from "node:buffer";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { addRow, temporaryFolder } from "@gatehouse/central-database/testing";
import { sayHost } from "@gatehouse/session-rows";
import { nothingHere, type Place, type Workload } from "@gatehouse/workloads";
import type { Exit, FileSource } from "@nc/container-runtime";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { WebSocket, WebSocketServer } from "ws";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { machineVersion } from "./frames.ts";
import { machineRows, newSecret } from "./machine-rows.ts";
import type { MachineOptions } from "./dial/dial-as-machine.ts";
import { machineOf, until, world, type World } from "./machines.fixture.ts";
import type { MachinesOptions } from "./machines.ts";

const workload: Workload = {
  label: { install: "here", sessionId: "se-1", groupId: "ag-1", incarnation: 1, token: 3 },
  folder: "ana",
  provider: "echo",
  image: null,
  graceMs: 1,
  limits: { cpus: null, memory_mb: null, network: null, pids: null },
  containerJson: { agentGroupId: "ag-1" },
  instructed: { cli_scope: "disabled", mcp_servers: {} },
  files: {
    whole: ["in/skills"],
    entries: [
      { kind: "file", path: "in/skills/a", mode: 0o600, content: new Uint8Array(Buffer.from("é")) },
      { kind: "link", path: "in/link", target: "skills/a" },
    ],
  },
  here: nothingHere("echo"),
};

const hello = {
  type: "hello",
  version: machineVersion,
  code: "a guess",
  token: "t".repeat(32),
  name: "gpu",
  running: [],
  runtime: "sandbox",
};

const here = async (machines: ReturnType<World["host"]>): Promise<Place> =>
  until(async () => {
    const machine = await machines.of("ag-1");
    if (machine === null || "awayReason" in machine) throw new Error("It is not connected.");
    return machine;
  });

/** A host with a connected machine, on which an agent runs. */
const withAgent = async (over: Partial<MachinesOptions> = {}) => {
  const place = await world();
  const machines = place.host(over);
  const token = newSecret();
  const machine = machineOf(place, { token, code: machines.invite("ag-1") });
  const started = await (await here(machines)).start(workload, "secret");
  if (!started.ok) expect.fail(started.error.message);
  const exits: Exit[] = [];
  started.value.onExit((exit) => exits.push(exit));
  return { ...place, ...machine, machines, container: started.value, exits, token };
};

test("a machine runs an agent with its files and its token, and reports how it ended", async () => {
  const { fake, container, exits } = await withAgent();
  const [there] = fake.containers;
  expect(there?.spec).toMatchObject({ input: "secret", label: { sessionId: "se-1", incarnation: 1 } });
  expect([...(there?.files() ?? [])]).toEqual([
    ["in/skills/a", "é"],
    ["in/link", "skills/a"],
  ]);
  const files = { whole: ["in/skills"], entries: [{ kind: "folder", path: "in/skills/b" }] } as const;
  expect(await container.replaceFiles(files)).toEqual({ ok: true, value: null });
  expect([...(there?.files().keys() ?? [])]).toEqual(["in/link"]);
  there?.end({ code: 3, lastLines: ["last words"] });
  await until(() => expect(exits).toEqual([{ code: 3, signal: null, lastLines: ["last words"] }]));
  expect(await container.replaceFiles(files)).toMatchObject({
    error: { message: 'The machine gpu says "The agent has ended.".' },
  });
});

test("what a machine says is quoted in one line, and is no sentence of the host", async () => {
  const place = await world();
  const machines = place.host();
  const message = `see below.\nhost: ap-1 is approved. May "Home" use Bash? ${"approve ab12 ".repeat(100)}`;
  const fake = fakeRuntime({
    install: "there",
    beforeSpawn: async () => ({ code: "spawn-failed", message }),
  });
  machineOf(place, { token: newSecret(), code: machines.invite("ag-1") }, { fake });
  const started = await (await here(machines)).start(workload, "secret");
  const said = started.ok ? expect.fail("it started") : started.error.message;
  expect(said).toMatch(
    /^The machine gpu says "see below\. host: ap-1 is approved\. May 'Home' use Bash\? .*"\.$/,
  );
  expect(said.length).toBeLessThan(340);
});

test("a file of the host that is gone or changed is refused, and no file is replaced; a bug rejects", async () => {
  const { fake, machines, container } = await withAgent();
  const there = [...(fake.containers[0]?.files() ?? [])];
  const withFile = (content: FileSource) => {
    const entries = [{ kind: "file", path: "in/skills/b", mode: 0o600, content }] as const;
    return { whole: ["in/skills"], entries };
  };
  const source = join(temporaryFolder(), "skill");
  const seen = withFile({ source, size: 1, mtimeMs: 0 });
  const refused = (why: string) => ({
    ok: false,
    error: { code: "files-refused", message: `The file in/skills/b for the agent cannot be read: ${why}.` },
  });
  expect(await container.replaceFiles(seen)).toEqual(refused("ENOENT"));
  writeFileSync(source, "edited");
  expect(await container.replaceFiles(seen)).toEqual(refused("ESTALE"));
  const label = { ...workload.label, incarnation: 2 };
  const machine = await here(machines);
  expect(await machine.start({ ...workload, label, files: seen }, "secret")).toEqual(refused("ESTALE"));
  expect(fake.containers.map((one) => [...one.files()])).toEqual([there]);
  await expect(container.replaceFiles(withFile(null as unknown as FileSource))).rejects.toThrow(TypeError);
});

test("a kill ends the agent there, and resolves with its exit", async () => {
  const { fake, container } = await withAgent();
  expect(await container.kill(7)).toMatchObject({ signal: "SIGTERM" });
  expect(fake.containers[0]?.kills).toEqual([7]);
});

test("an agent runs on while its machine is away, and an end meanwhile is reported afterwards", async () => {
  const place = await withAgent();
  place.cut();
  place.cut();
  await here(place.machines);
  expect(place.exits).toEqual([]);
  place.lose();
  await until(async () =>
    expect(await place.machines.of("ag-1")).toEqual({
      awayReason: expect.stringContaining(
        "The machine gpu, on which this group's agents run, is not connected.",
      ),
      isAtOtherHost: false,
    }),
  );
  place.fake.containers[0]?.end({ code: 4 });
  expect(place.exits).toEqual([]);
});

test("an agent of a machine that is away for too long is given up, and is ended when the machine is back", async () => {
  const { cut, exits, fake, machines } = await withAgent({ goneMs: 0 });
  cut();
  await until(() => expect(exits).toEqual([{ code: null, signal: null, lastLines: [] }]));
  await here(machines);
  await until(() => expect(fake.containers[0]?.kills).toEqual([0]));
});

test("a kill while the machine is away resolves at once: the machine ends the agent when it is back", async () => {
  const { lose, container, machines, host, fake } = await withAgent();
  lose();
  await until(async () => expect(await machines.of("ag-1")).toHaveProperty("awayReason"));
  expect(await container.kill(60_000)).toEqual({ code: null, signal: null, lastLines: [] });
  host();
  await until(() => expect(fake.containers[0]?.kills).toEqual([0]));
});

test("the next host knows the machine by its token, and ends the agents of the host before it", async () => {
  const { machines, host, central, fake } = await withAgent();
  await machines.close();
  const rows = central.db.selectFrom("machines").select("disconnected_at");
  expect(await rows.executeTakeFirst()).toEqual({ disconnected_at: expect.any(String) });
  const next = host();
  await here(next);
  expect(await rows.executeTakeFirst()).toEqual({ disconnected_at: null });
  await until(() => expect(fake.containers[0]?.kills).toEqual([0]));
});

test("a machine whose program was started anew adopts its agents, and its host goes on with them", async () => {
  const place = await withAgent();
  const { fake, machines, token, exits, logged } = place;
  const adopted = await fake.anotherHost("there").running();
  if (!adopted.ok) expect.fail(adopted.error.message);
  machineOf(place, { token }, { fake, running: adopted.value });
  await until(() => expect(logged.filter((event) => event === "machine-connected")).toHaveLength(2));
  // The earlier program ends its agents when another one takes its place.
  await until(() => expect(exits).toHaveLength(1));
  expect(await machines.of("ag-1")).toMatchObject({
    name: "sandbox",
    isolation: "sandbox",
    bindsGroups: false,
  });
});

test("a code works once, and for one machine of a group", async () => {
  const place = await world();
  const machines = place.host();
  const [older, code] = [machines.invite("ag-1"), machines.invite("ag-1")];
  const refused = async (given: Partial<MachineOptions["credential"]>) =>
    (await machineOf(place, { token: newSecret(), ...given }).dialled.ended)?.code;
  expect(await refused({ code: older })).toBe("unknown-code");
  expect(await refused({ code: "a guess" })).toBe("unknown-code");
  machineOf(place, { token: newSecret(), code });
  await here(machines);
  expect(await refused({ code })).toBe("unknown-code");
  expect(await refused({ code: machines.invite("ag-1") })).toBe("unknown-code");
  expect(await refused({})).toBe("unknown-token");
  expect(await refused({ code: machines.invite("ag-9") })).toBe("unknown-code");
  expect(await machines.of("ag-1")).toMatchObject({
    name: "sandbox",
    isolation: "sandbox",
    bindsGroups: false,
  });
});

test("a machine that was cut off before its welcome shows the same code and token again, and is welcomed", async () => {
  const place = await world();
  const machines = place.host();
  const sent = JSON.stringify({ ...hello, code: machines.invite("ag-1"), token: newSecret() });
  for (let shown = 0; shown < 2; shown += 1) {
    const socket = new WebSocket("ws://host/", { createConnection: place.connect });
    await once(socket, "open");
    socket.send(sent);
    const [data] = (await once(socket, "message")) as [Buffer];
    expect(JSON.parse(data.toString("utf8"))).toEqual({ type: "welcome", group: "Ana", since: "" });
    socket.terminate();
  }
});

test("a machine whose hello came while the database was away dials again, and its code still works", async () => {
  const place = await world();
  let isAway = true;
  const machines = place.host({
    now: () => {
      if (isAway) throw new Error("The database is away.");
      return new Date().toISOString();
    },
    report: () => void (isAway = false),
  });
  machineOf(place, { token: newSecret(), code: machines.invite("ag-1") });
  expect(await here(machines)).toMatchObject({ name: "sandbox", isolation: "sandbox", bindsGroups: false });
});

test("what a machine says before its welcome does not end the connection", async () => {
  const place = await world();
  const machines = place.host();
  const socket = new WebSocket("ws://host/", { createConnection: place.connect });
  await once(socket, "open");
  const exit: Exit = { code: 0, signal: null, lastLines: [] };
  socket.send(JSON.stringify({ ...hello, token: newSecret(), code: machines.invite("ag-1") }));
  socket.send(JSON.stringify({ type: "exited", sessionId: "se-1", incarnation: 1, exit }));
  const [data] = (await once(socket, "message")) as [Buffer];
  expect(JSON.parse(data.toString("utf8"))).toEqual({ type: "welcome", group: "Ana", since: "" });
});

test("a machine that answers nothing keeps no host from stopping", async () => {
  const place = await world();
  const machines = place.host();
  const socket = new WebSocket("ws://host/", { createConnection: place.connect });
  await once(socket, "open");
  socket.send(JSON.stringify({ ...hello, token: newSecret(), code: machines.invite("ag-1") }));
  await once(socket, "message");
  const started = (await here(machines)).start(workload, "secret");
  await once(socket, "message");
  machines.endAsking();
  expect(await started).toMatchObject({ ok: false, error: { code: "runtime-unavailable" } });
});

test("a revoked machine ends its agents and its program, and its token opens nothing more", async () => {
  const { machines, central, dialled, fake, exits, token, ...place } = await withAgent();
  await machines.endRevoked();
  expect(exits).toEqual([]);
  await central.db.deleteFrom("machines").execute();
  await machines.endRevoked();
  expect(await dialled.ended).toMatchObject({ code: "unknown-token" });
  expect(fake.containers[0]?.hasEnded()).toBe(true);
  await until(() => expect(exits).toHaveLength(1));
  expect((await machineOf(place, { token }).dialled.ended)?.code).toBe("unknown-token");
  expect(await machines.of("ag-1")).toBeNull();
});

test("a machine that is revoked while away ends its agents at once; one that is only away keeps them", async () => {
  const { machines, central, exits, lose } = await withAgent();
  lose();
  await until(async () => expect(await machines.of("ag-1")).toHaveProperty("awayReason"));
  await machines.endRevoked();
  expect(exits).toEqual([]);
  await central.db.deleteFrom("machines").execute();
  await machines.endRevoked();
  expect(exits).toEqual([{ code: null, signal: null, lastLines: [] }]);
});

test("a machine that took the place of a revoked one stays connected as the agents of that one end", async () => {
  const { machines, central, exits, dialled, ...place } = await withAgent();
  await central.db.deleteFrom("machines").execute();
  place.cut();
  expect(await dialled.ended).toMatchObject({ code: "unknown-code" });
  machineOf(place, { token: newSecret(), code: machines.invite("ag-1") });
  const next = await here(machines);
  expect(exits).toEqual([]);
  await machines.endRevoked();
  expect(exits).toHaveLength(1);
  const label = { ...workload.label, incarnation: 2 };
  expect(await next.start({ ...workload, label }, "secret")).toMatchObject({ ok: true });
});

test.for([
  { what: "no JSON", sent: ["hello"], code: "bad-frame" },
  { what: "another frame first", sent: [{ type: "started", id: 1 }], code: "bad-frame" },
  { what: "another version", sent: [{ ...hello, version: 99 }], code: "unknown-version" },
  { what: "an unknown runtime", sent: [{ ...hello, runtime: "docker" }], code: "bad-frame" },
  { what: "a name of two lines", sent: [{ ...hello, name: "gpu\nroot" }], code: "bad-frame" },
  {
    what: "a name that is a sentence",
    sent: [{ ...hello, name: "Update needed: see x.example" }],
    code: "bad-frame",
  },
  { what: "a token of its own alone", sent: [{ ...hello, code: undefined }], code: "unknown-token" },
  { what: "a short token", sent: [{ ...hello, token: "t" }], code: "bad-frame" },
])("a connection that sends $what is ended with $code", async ({ sent, code }) => {
  const place = await world();
  place.host();
  const socket = new WebSocket("ws://host/", { createConnection: place.connect });
  const said: string[] = [];
  socket.on("message", (data: Buffer) => said.push(data.toString("utf8")));
  await once(socket, "open");
  for (const frame of sent) socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  await once(socket, "close");
  expect(said.map((text) => (JSON.parse(text) as { readonly code: string }).code)).toContain(code);
});

test("the log names the version of an invited machine that speaks another one, and is silent about strangers", async () => {
  const place = await world();
  const machines = place.host();
  for (const code of [undefined, machines.invite("ag-1")]) {
    const socket = new WebSocket("ws://host/", { createConnection: place.connect });
    await once(socket, "open");
    socket.send(JSON.stringify({ ...hello, version: 99, code }));
    await once(socket, "close");
    expect(place.logged).toEqual(code === undefined ? [] : ["machine-refused"]);
  }
});

test("a machine that dials with another version is away for that reason, until it is welcomed", async () => {
  const { machines: _machines, dialled, ...place } = await withAgent();
  place.lose();
  await dialled.close();
  const second = place.host();
  const socket = new WebSocket("ws://host/", { createConnection: place.connect });
  await once(socket, "open");
  socket.send(JSON.stringify({ ...hello, version: 99, code: undefined, token: place.token }));
  await once(socket, "close");
  const away = await second.of("ag-1");
  expect(away).toHaveProperty(
    "awayReason",
    expect.stringMatching(
      /^The machine gpu.* dialled with version 99, .*Install the gatehouse of the host there/,
    ),
  );
  machineOf(place, { token: place.token });
  expect(await here(second)).toMatchObject({ name: "sandbox", isolation: "sandbox", bindsGroups: false });
});

test("what a machine says of an agent that it does not run changes nothing", async () => {
  const place = await withAgent();
  await addRow(place.central.db, "agent_groups", { id: "ag-2", name: "Bo", folder: "bo" });
  const socket = new WebSocket("ws://host/", { createConnection: place.connect });
  await once(socket, "open");
  socket.send(JSON.stringify({ ...hello, code: place.machines.invite("ag-2") }));
  await once(socket, "message");
  const exit: Exit = { code: 0, signal: null, lastLines: [] };
  socket.send(JSON.stringify({ type: "exited", sessionId: "se-1", incarnation: 1, exit }));
  socket.send(JSON.stringify({ type: "done", id: 1 }));
  socket.send("{");
  await once(socket, "close");
  expect(place.exits).toEqual([]);
});

describe("of two hosts with one certificate", () => {
  const [earlier, since, later] = [
    "2026-11-30T01:00:00.000Z",
    "2026-11-30T01:00:00.001Z",
    "2026-11-30T01:00:00.002Z",
  ];

  test.for([
    { what: "that never took a place", seen: "", of: "", kept: [] },
    { what: "that took a place before the machine knew one", seen: "", of: since, kept: [since] },
    { what: "that it served last", seen: since, of: since, kept: [] },
    { what: "that took the place a millisecond later", seen: since, of: later, kept: [later] },
  ])("a machine serves the one $what", async ({ seen, of, kept }) => {
    const place = await world();
    const machines = place.host({ since: of });
    const machine = machineOf(place, { token: newSecret(), code: machines.invite("ag-1") }, { since: seen });
    await here(machines);
    await until(() => expect(machine.groups).toEqual(["Ana"]));
    expect([machine.served, machine.troubles]).toEqual([kept, []]);
  });

  test.for([
    { what: "that took the place a millisecond earlier", of: earlier },
    { what: "that never took a place", of: "" },
  ])("a machine refuses the one $what, and keeps its agents; both say it once", async ({ of }) => {
    const { machines, host, central, fake, groups, troubles, logged } = await withAgent({ since });
    await machines.close();
    const old = host({ since: of });
    const isLater = {
      awayReason: expect.stringMatching(
        /serves the host that took the place of this one at 2026-11-30T01:00:00.001Z\. .*gatehouse up --in-place-of$/,
      ) as unknown,
    };
    await until(async () => expect(await old.of("ag-1")).toMatchObject(isLater));
    await until(() =>
      expect(troubles.at(-1)).toMatch(/^The host that answers was replaced: .*--in-place-of$/),
    );
    const dials = vi.fn<() => string>(() => new Date().toISOString());
    const again = host({ since: of, now: dials });
    await until(() => expect(dials.mock.calls.length).toBeGreaterThan(1));
    await until(async () => expect(await again.of("ag-1")).toMatchObject(isLater));
    expect(troubles.filter((line) => line.startsWith("The host that answers"))).toHaveLength(1);
    expect(logged.filter((event) => event === "machine-serves-later-host")).toHaveLength(2);
    expect(groups).toEqual(["Ana"]);
    expect(fake.containers.map((one) => one.hasEnded())).toEqual([false]);
    // The operator says that it goes on.
    await again.close();
    await here(host({ since: later }));
    expect(await central.db.selectFrom("machines").select("later_host").execute()).toEqual([
      { later_host: null },
    ]);
  });

  test("a machine refuses one whose program does not know of it, and obeys nothing that it says", async () => {
    const path = join(temporaryFolder(), "older.sock");
    const server = createHttpServer();
    const sockets = new WebSocketServer({ server });
    let dials = 0;
    sockets.on("connection", (socket) => {
      dials += 1;
      const files = { whole: [], entries: [] };
      socket.send(JSON.stringify({ type: "welcome", group: "Ana" }));
      socket.send(
        JSON.stringify({ type: "start", id: 1, workload: { ...workload, files }, token: "secret" }),
      );
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    onTestFinished(() => void server.close());
    const { fake, groups, troubles } = machineOf(
      { connect: () => connect(path) },
      { token: newSecret() },
      { since },
    );
    await until(() => expect(dials).toBeGreaterThan(1));
    expect(troubles).toEqual([expect.stringMatching(/^The host that answers was replaced/)]);
    expect([groups, fake.containers]).toEqual([[], []]);
  });

  test("the log is silent about a stranger that says so", async () => {
    const place = await world();
    place.host({ since: earlier });
    const socket = new WebSocket("ws://host/", { createConnection: place.connect });
    await once(socket, "open");
    socket.send(JSON.stringify({ ...hello, since }));
    const [data] = (await once(socket, "message")) as [Buffer];
    expect(JSON.parse(data.toString("utf8"))).toMatchObject({ type: "bye", code: "later-host" });
    expect(place.logged).toEqual([]);
  });
});

test("a machine is where its host is: another one that runs, or one that is gone", async () => {
  const { central } = await world();
  const now = (): string => new Date().toISOString();
  const [one, two] = [machineRows(central.loop, "a-1", now), machineRows(central.loop, "b-1", now)];
  const machine = (await one.add("ag-1", newSecret(), "gpu")) ?? expect.fail("It was not added.");
  const at = async (): Promise<string | undefined> => (await two.of("ag-1"))?.at;
  expect(await at()).toBe("gone-host");
  const said = { place: "alpha:/srv/one", version: null, runtime: "sandbox", settings: {} };
  await sayHost(central.loop, { ...said, name: "a-1" });
  expect([await at(), (await one.of("ag-1"))?.at]).toEqual(["other-host", "no-host"]);
  await two.allLost("b-");
  expect(await at()).toBe("other-host");
  await two.allLost("a-");
  expect(await at()).toBe("no-host");
  await one.lost(machine);
  expect(await at()).toBe("no-host");
});
