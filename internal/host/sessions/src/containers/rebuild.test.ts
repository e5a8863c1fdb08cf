import { expect, test } from "vitest";
import { images, running as started, type Builds } from "../images.fixture.ts";
import { until } from "../session.fixture.ts";

/** A host with images whose group has one running agent, and packages since. */
const running = async (builds: Builds, isSandbox = false) => {
  const { host, session, ...rest } = await started(builds, isSandbox);
  await rest.configs.updateEntries("ag-1", "packages_npm", () => ({ ok: true, value: ["tool"] }), {});
  const rebuild = () => host.handlers.rebuild({ ...session, reason: "asked" }, "in-1");
  return { ...rest, rebuild };
};

test("a rebuild builds the image of a group, and restarts the group's agents in it", async () => {
  const builds = images();
  const { fake, rebuild } = await running(builds);
  expect(await rebuild()).toEqual({
    ok: true,
    value: { data: { restarted: 1, rebuilt: true }, warnings: [] },
  });
  await until(() => expect(fake.containers).toHaveLength(2));
  expect(fake.containers.map(({ spec }) => spec.image)).toEqual(["agents:", "agents:tool"]);
  expect(builds.asked).toMatchObject([{ packages_npm: ["tool"], packages_apt: [] }]);
});

test("a rebuild in sandboxes builds the folder of npm packages, and mounts it for the group's agents", async () => {
  const builds = images();
  const { fake, configs, rebuild } = await running(builds, true);
  await configs.updateScalars("ag-1", { image_tag: "own:1" }, {});
  expect(await rebuild()).toMatchObject({ ok: true, value: { data: { rebuilt: true }, warnings: [] } });
  await until(() => expect(fake.containers).toHaveLength(2));
  const [before, after] = fake.containers.map(({ spec }) => spec);
  const mount = { source: "/data/agents:tool", target: "/opt/packages", isReadOnly: true };
  expect([before?.image, before?.mounts.some(({ target }) => target === mount.target)]).toEqual([
    null,
    false,
  ]);
  expect([after?.image, after?.mounts]).toEqual([null, expect.arrayContaining([mount]) as unknown]);
  expect(after?.env["PATH"]).toMatch(/:\/opt\/packages\/bin$/);
});

test("an agent in a sandbox runs by the Node that no program of it can read", async () => {
  const { fake } = await running(images(), true);
  const { command, mounts } = fake.containers[0]?.spec ?? expect.fail("none started");
  expect(command[0]).toBe("/opt/gatehouse/node");
  expect(mounts).toContainEqual({ source: "/data/node", target: "/opt/gatehouse/node", isReadOnly: true });
});

test("a failed build is reported, and the agent runs on", async () => {
  const { fake, rebuild } = await running(images(() => "There is no tool."));
  expect(await rebuild()).toEqual({
    ok: false,
    error: { code: "handler-error", message: "There is no tool." },
  });
  expect(fake.containers.map(({ kills }) => kills)).toEqual([[]]);
});

test("a group that names its own image gets no build", async () => {
  const builds = images();
  const { fake, configs, rebuild } = await running(builds);
  await configs.updateScalars("ag-1", { image_tag: "own:1" }, {});
  expect(await rebuild()).toMatchObject({ ok: true, value: { data: { rebuilt: false } } });
  await until(() => expect(fake.containers.at(-1)?.spec.image).toBe("own:1"));
  expect(builds.asked).toEqual([]);
});

test("an agent without a built image of its packages does not start, and the senders are told", async () => {
  const { fixture, fake } = await running(images());
  fake.containers[0]?.end();
  await until(() =>
    expect(fixture.happened("wake-failed")).toContainEqual(
      expect.objectContaining({ reason: "It is not built." }),
    ),
  );
});
