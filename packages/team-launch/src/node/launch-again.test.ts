import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lastOf } from "../lifecycle/journal.ts";
import { launchFixture, type LaunchFixture } from "./launch.fixture.ts";

const runsOn = { code: "runs-as-it-was", fix: "stop shop/ana, and launch again" };
const changes = [{ model: "opus" }, { prompt: "Read the API first." }];

/** The texts of all launch files in a data folder, without the teams. */
const textsOf = ({ dataDir }: LaunchFixture): string => {
  const root = join(dataDir, "launches");
  const folders = readdirSync(root).filter((name) => name !== "teams");
  return folders
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(root, folder, name)))
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
};

describe("a running member with another model or prompt in the team file", () => {
  test.for(changes)("keeps running unchanged, and each launch reports it: %o", async (change) => {
    const fixture = launchFixture();
    await fixture.run(fixture.team(fixture.member("ana", "trusted")));
    const changed = fixture.team(fixture.member("ana", "trusted", change));
    for (const end of [await fixture.run(changed), await fixture.run(changed)])
      expect(end).toMatchObject({ value: { ok: true, members: [{ state: "ready", warning: runsOn }] } });
    expect(fixture.started).toHaveLength(1);
    expect((await fixture.kept()).team?.lead).toEqual(fixture.team(fixture.member("ana", "trusted")).lead);
    fixture.agents.length = 0;
    const after = await fixture.run(changed);
    expect(after.ok && after.value.members[0]).not.toHaveProperty("warning");
    expect(fixture.started[1]?.member).toMatchObject(change);
    expect((await fixture.kept()).team).toEqual(changed);
  });
});

test("a launch reports a member that the runtime has lost, with a fix", async () => {
  const fixture = launchFixture();
  const lost = { code: "agent-lost", message: "It runs on.", fix: "gatehouse stop shop/ana" };
  const sight = { id: "one", member: "ana", provider: "claude", folder: fixture.at("trusted") } as const;
  const runtime = {
    start: async () => ({ ok: true, value: { id: "one" } }) as const,
    list: async () => [{ ...sight, ...lost, state: "lost" as const }],
  };
  const end = await fixture.run(fixture.team(), { runtime });
  expect(end).toMatchObject({ value: { members: [{ state: "lost", ...lost }], error: lost } });
});

describe("the stored team from before a launch", () => {
  const prompted = (fixture: LaunchFixture, prompt: string) =>
    fixture.team(fixture.member("ana", "trusted", { prompt }));

  test("is in no journal, and in no other file after the launch has ended", async () => {
    const fixture = launchFixture();
    await fixture.run(prompted(fixture, "sk-ant-one"));
    fixture.agents.length = 0;
    await fixture.run(prompted(fixture, "sk-ant-two"));
    expect(textsOf(fixture)).not.toContain("sk-ant");
    expect((await fixture.kept()).team?.lead.prompt).toBe("sk-ant-two");
  });

  test("is restored after the launcher was killed, and after it was cancelled", async () => {
    const fixture = launchFixture();
    const before = prompted(fixture, "one");
    await fixture.run(before);
    fixture.agents.length = 0;
    await expect(fixture.run(prompted(fixture, "two"), { breaksAt: "spawn" })).rejects.toThrow("broken off");
    expect((await fixture.kept()).team?.lead.prompt).toBe("two");
    const cancelled = await fixture.run(prompted(fixture, "three"), { leavesAt: "spawn" });
    expect(cancelled).toMatchObject({ value: { launch: { state: "cancelled" } } });
    expect((await fixture.kept()).team).toEqual(before);
    expect(textsOf(fixture)).not.toContain(`"prompt"`);
  });
});

describe("a killed launch", () => {
  test("gets an end from the next launch, even if its last line was torn", async () => {
    const fixture = launchFixture();
    const team = fixture.team();
    await expect(fixture.run(team, { breaksAt: "clear" })).rejects.toThrow("broken off");
    const [killed] = await fixture.journals();
    const file = join(fixture.dataDir, `launches/journals/${killed?.id}.jsonl`);
    expect(existsSync(file)).toBe(true);
    appendFileSync(file, `{"type":"member","member":"ana","state":"rea`);
    await fixture.run(team);
    expect((await fixture.kept()).ends).toEqual(["interrupted", "ready"]);
  });

  test("names exactly the agents that it had started", async () => {
    const fixture = launchFixture();
    const team = fixture.team(fixture.member("ana", "trusted"), fixture.member("bo", "repo"));
    const scripts = { bo: { fails: { code: "cli-not-found", message: "There is no claude." } } };
    await expect(fixture.run(team, { scripts, breaksAt: "settle" })).rejects.toThrow("broken off");
    await fixture.run(team);
    const [killed] = await fixture.journals();
    expect(lastOf(killed?.entries ?? [], "ended")?.error?.message).toMatch(/It had started ana: /);
  });
});
