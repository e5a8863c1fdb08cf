import { connect } from "node:net";
import { join } from "node:path";
import { frameOf, upgradedConnection } from "@gatehouse/wire/testing";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { dialHost } from "@gatehouse/wire/runner";
import { expect, onTestFinished, test } from "vitest";
import { fromAna, install, sessionFixture, until } from "./session.fixture.ts";

const fixture = async () => {
  const made = await sessionFixture();
  const fake = fakeRuntime({ install });
  const host = await made.host({ runtime: fake.runtime });
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(made.happened("container-started")).toHaveLength(1));
  const path = join(made.dataDir, "agents-1.sock");
  const token = fake.containers[0]?.spec.input ?? "";
  const dial = (shown = token) => {
    const agent = dialHost({ connect: () => connect(path), token: shown });
    onTestFinished(() => agent.close());
    return agent;
  };
  return { ...made, fake, host, path, token, dial };
};

const agentOf = (path: string, token: string) => dialHost({ connect: () => connect(path), token });

const now = (): string => new Date().toISOString();

test("an agent gets its token on stdin, and not in its arguments or its environment", async () => {
  const { fake, token, dial } = await fixture();
  const { command, env } = fake.containers[0]?.spec ?? expect.fail("nothing was started");
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(JSON.stringify({ command, env })).not.toContain(token);
  const given = await dial().receive({ isFirst: true, limit: 10, now: now() });
  expect(given).toMatchObject({ ok: true, value: [{ content: { text: "hello" } }] });
});

test("a token becomes invalid with its agent's exit, also for a later connection", async () => {
  const { fake, happened, dial, central } = await fixture();
  fake.containers[0]?.end({ code: 1 });
  await until(() => expect(happened("container-ended")).toHaveLength(1));
  await until(async () =>
    expect(await central.loop.selectFrom("session_tokens").select("incarnation").execute()).toEqual([]),
  );
  expect(await dial().projection()).toMatchObject({ ok: false, error: { code: "closed" } });
});

test("a runner of another version is stopped without counting a try, and another one is started", async () => {
  const { fake, happened, path, token, central } = await fixture();
  const earlier = agentOf(path, token);
  await earlier.commit({
    acknowledgements: [{ id: "m-1", status: "processing", reason: null }],
    messages: [],
    now: now(),
  });
  await earlier.close();
  (await upgradedConnection(path)).write(frameOf({ type: "hello", version: 99, token }));
  await until(() => expect(happened("agent-outdated")).toMatchObject([{ incarnation: 1, version: 99 }]));
  await until(() => expect(fake.containers).toHaveLength(2));
  const { tries, claimed_by } = await central.loop
    .selectFrom("session_messages_in")
    .select(["tries", "claimed_by"])
    .where("id", "=", "m-1")
    .executeTakeFirstOrThrow();
  expect({ tries, claimed_by }).toEqual({ tries: 0, claimed_by: null });
});
