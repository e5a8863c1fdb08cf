import type { ImageNeeds } from "@gatehouse/workloads";
import { expect, test } from "vitest";
import { images, running as started, type Builds } from "../images.fixture.ts";
import { until } from "../session.fixture.ts";

/** A host whose group has one running agent. `install` asks for Debian packages as the intent of this number. */
const running = async (builds: Builds) => {
  const { session, ...rest } = await started(builds);
  const install = (number: number, ...apt: readonly string[]) =>
    rest.host.handlers.install(
      {
        ...session,
        message: `Installed: ${apt.join()}.`,
        reason: "asked",
        packages: { apt, npm: [] },
        actor: "agent",
        why: "needed",
      },
      `in-${number}`,
    );
  const packages = async (): Promise<readonly string[]> => {
    const config = await rest.configs.get("ag-1");
    return config.ok ? (config.value?.packages_apt ?? []) : [];
  };
  /** The texts of the messages to the agent that have this in them. */
  const told = async (words: string): Promise<readonly string[]> => {
    const rows = await rest.fixture.central.loop
      .selectFrom("session_messages_in")
      .select("content")
      .execute();
    const texts = rows.map(({ content }) => (JSON.parse(content) as { readonly text: string }).text);
    return texts.filter((text) => text.includes(words));
  };
  return { ...rest, install, packages, told };
};

test("an approved installation builds the image, saves the packages, and restarts the agent with the message", async () => {
  const builds = images();
  const { fake, configs, install, packages, told } = await running(builds);
  expect(await install(1, "jq", "ripgrep")).toMatchObject({ ok: true, value: { data: { restarted: 1 } } });
  expect(builds.asked).toMatchObject([{ packages_apt: ["jq", "ripgrep"] }]);
  expect(await packages()).toEqual(["jq", "ripgrep"]);
  await until(() =>
    expect(fake.containers.map(({ spec }) => spec.image)).toEqual(["agents:", "agents:jq,ripgrep"]),
  );
  expect((await configs.history("ag-1"))[0]).toMatchObject({ actor: "agent", reason: "needed" });
  expect(await told("Installed")).toEqual(["Installed: jq,ripgrep."]);
});

test("an installation in sandboxes refuses Debian packages, and changes nothing", async () => {
  const builds = images();
  const { host, session, configs } = await started(builds, true);
  const asked = { ...session, message: "Installed.", reason: "asked", actor: "agent", why: null };
  const apt = await host.handlers.install({ ...asked, packages: { apt: ["jq"], npm: ["tool"] } }, "in-1");
  expect(apt).toMatchObject({ error: { message: expect.stringContaining("no Debian packages") as unknown } });
  expect(builds.asked).toEqual([]);
  const npm = await host.handlers.install({ ...asked, packages: { apt: [], npm: ["tool"] } }, "in-2");
  expect(npm).toMatchObject({ ok: true, value: { data: { restarted: 1 } } });
  expect(await configs.get("ag-1")).toMatchObject({ value: { packages_apt: [], packages_npm: ["tool"] } });
});

test("a failed build saves no packages; the agent runs on, and is told the reason", async () => {
  const { fixture, fake, install, packages, told } = await running(images(() => "There is no jqq."));
  expect(await install(1, "jqq")).toMatchObject({
    ok: false,
    error: { code: "handler-error", message: expect.stringContaining("There is no jqq.") },
  });
  expect(await packages()).toEqual([]);
  expect(fake.containers.map(({ kills }) => kills)).toEqual([[]]);
  expect(await told("There is no jqq.")).toHaveLength(1);
  await install(1, "jqq");
  const notices = fixture.central.db.selectFrom("owner_notices").select("text");
  expect(await notices.execute()).toEqual([{ text: expect.stringMatching(/^Ana: .*There is no jqq\.$/) }]);
});

test("two installations that are approved at the same time are both saved", async () => {
  const { install, packages } = await running(images());
  const done = await Promise.all([install(1, "jq"), install(2, "ripgrep")]);
  expect(done).toMatchObject([{ ok: true }, { ok: true }]);
  expect([...(await packages())].sort()).toEqual(["jq", "ripgrep"]);
});

test("a failed installation leaves the packages of a simultaneous one", async () => {
  const problem = ({ packages_apt: apt }: ImageNeeds) => (apt.includes("jqq") ? "There is no jqq." : null);
  const { install, packages } = await running(images(problem));
  const done = await Promise.all([install(1, "jq"), install(2, "jqq")]);
  expect(done).toMatchObject([{ ok: true }, { ok: false }]);
  expect(await packages()).toEqual(["jq"]);
});

test("a configuration that is changed during the build keeps both changes, and the image has both", async () => {
  const builds: Builds = images(async () => {
    if (builds.asked.length === 1)
      await host.configs.updateEntries("ag-1", "packages_apt", () => ({ ok: true, value: ["curl"] }), {});
    return null;
  });
  const host = await running(builds);
  expect(await host.install(1, "jq")).toMatchObject({ ok: true });
  expect(await host.packages()).toEqual(["curl", "jq"]);
  await until(() => expect(host.fake.containers.at(-1)?.spec.image).toBe("agents:curl,jq"));
});

test("an installation that is carried out again after a kill changes nothing more, and the agent is told once", async () => {
  const { install, packages, configs, told } = await running(images());
  await install(1, "jq");
  const { length } = await configs.history("ag-1");
  expect(await install(1, "jq")).toMatchObject({ ok: true });
  expect(await packages()).toEqual(["jq"]);
  expect(await configs.history("ag-1")).toHaveLength(length);
  expect(await told("Installed")).toEqual(["Installed: jq."]);
});

test("an installation fails if its group was deleted meanwhile", async () => {
  const { configs, install } = await running(images());
  await configs.delete("ag-1");
  expect(await install(1, "jq")).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining("ag-1") },
  });
});

test("a closing host ends the build, and leaves the request to the next host", async () => {
  const builds = images(
    (_needs, signal) =>
      new Promise((resolve) => signal.addEventListener("abort", () => resolve("The build was ended."))),
  );
  const { host, install, packages, told } = await running(builds);
  const done = install(1, "jq");
  await until(() => expect(builds.asked).toHaveLength(1));
  await host.close();
  expect(await done).toBe(null);
  expect([await packages(), await told("packages")]).toEqual([[], []]);
});
