import { describe, expect, onTestFinished, test } from "vitest";
import { scriptedEngine, type ScriptedAnswer } from "../scripted-engine.fixture.ts";
import { engineCalls } from "./engine-calls.ts";
import { engineClient, NoEngine } from "./engine-client.ts";

/** The calls of a runtime to an engine that sends these answers in turn, and then repeats the last one. */
const callsAt = async (...answers: readonly ScriptedAnswer[]) => {
  let given = 0;
  const { socketPath, asked } = await scriptedEngine(
    () => answers[Math.min((given += 1), answers.length) - 1] ?? null,
  );
  const client = engineClient(socketPath);
  onTestFinished(client.close);
  return { calls: engineCalls(client), asked };
};

/** Messages of Podman 4.3.1 with status 500 for a missing container. Docker answers 404. */
const gone500: readonly string[] = [
  'no container with name or ID "c-1" found: no such container',
  'container "c-1" does not exist in database: no such container',
  'getting container from store "c-1": container not known',
];
const error = (message: string, status = 500): ScriptedAnswer => ({ status, body: { message } });
const busy = error("read /proc/7419/cgroup: no such process");
const found: ScriptedAnswer = {
  body: {
    Name: "/agent",
    State: { Status: "running", Pid: 7, ExitCode: 0 },
    Config: { Labels: null },
    Created: "2026-11-22T08:00:00Z",
  },
};

test.each(gone500)("a container counts as missing if Podman answers 500: %s", async (message) => {
  const { calls, asked } = await callsAt(error(message));
  expect(await calls.inspect("c-1")).toBe(null);
  await calls.remove("c-1");
  expect(asked).toEqual(["GET /containers/c-1/json", "DELETE /containers/c-1"]);
});

test("a call is repeated after another answer 500", async () => {
  const { calls, asked } = await callsAt(busy, busy, found);
  expect(await calls.inspect("c-1")).toMatchObject({ status: "running", pid: 7 });
  expect(asked).toHaveLength(3);
});

describe("a list of containers that fails because of a half removed container", () => {
  // Seen with Podman 4.3.1: a host that was starting ended.
  const id = "dbc2d83d".repeat(8);
  const broken = error(`getting container from store "${id}": container not known`);
  const whole: ScriptedAnswer = { body: [{ Id: "c-2" }] };

  test("is requested again, and then complete", async () => {
    const { calls, asked } = await callsAt(broken, broken, whole);
    expect(await calls.list("here")).toEqual(["c-2"]);
    expect(asked).toHaveLength(3);
  });

  test("is complete after that container is removed", async () => {
    const { calls, asked } = await callsAt(...Array<ScriptedAnswer>(5).fill(broken), { status: 204 }, whole);
    expect(await calls.list("here")).toEqual(["c-2"]);
    expect(asked.slice(5)).toEqual([`DELETE /containers/${id}`, "GET /containers/json"]);
  });

  test("rejects with NoEngine if the removal does not help", async () => {
    const { calls } = await callsAt(broken);
    await expect(calls.list("here")).rejects.toThrow(NoEngine);
  });
});

test("a call rejects with NoEngine and the engine's message if it answers 500 each time", async () => {
  const { calls, asked } = await callsAt(busy);
  await expect(calls.inspect("c-1")).rejects.toThrow(NoEngine);
  await expect(calls.remove("c-1")).rejects.toThrow(/^The engine answers 500: read \/proc\/7419\/cgroup/);
  expect(asked).toHaveLength(10);
});

test.each([404, 409, 500])(
  "a signal to an ended container resolves if the engine refuses it with %i",
  async (status) => {
    const { calls } = await callsAt(error("is not running", status));
    await expect(calls.signal("c-1", "SIGTERM")).resolves.toBeUndefined();
  },
);

test.each([404, 500])(
  "create fails with image-missing if the engine answers %i for a missing image",
  async (status) => {
    const { calls } = await callsAt(error("No such image: gatehouse-agent-packages:1", status));
    expect(await calls.create("name", {})).toMatchObject({ ok: false, error: { code: "image-missing" } });
  },
);
