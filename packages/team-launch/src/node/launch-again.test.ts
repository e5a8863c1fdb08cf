import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lastOf } from "../lifecycle/journal.ts";
import { launchGround, type LaunchGround } from "./launch-ground.fixture.ts";

const runsOn = { code: "runs-as-it-was", fix: "stop shop/ana, and launch again" };
const changes = [{ model: "opus" }, { prompt: "Read the API first." }];

/** All that a data folder keeps of launches, but for the teams themselves. */
const textsOf = ({ dataDir }: LaunchGround): string => {
  const root = join(dataDir, "launches");
  const folders = readdirSync(root).filter((name) => name !== "teams");
  return folders
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(root, folder, name)))
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
};

describe("a member that runs already, with another model or prompt in the team file", () => {
  test.for(changes)("runs on as it was, and each launch says so: %o", async (change) => {
    const ground = launchGround();
    await ground.run(ground.team(ground.member("ana", "trusted")));
    const changed = ground.team(ground.member("ana", "trusted", change));
    for (const end of [await ground.run(changed), await ground.run(changed)])
      expect(end).toMatchObject({ value: { ok: true, members: [{ state: "ready", warning: runsOn }] } });
    expect(ground.started).toHaveLength(1);
    expect((await ground.kept()).team?.lead).toEqual(ground.team(ground.member("ana", "trusted")).lead);
    ground.agents.length = 0;
    const after = await ground.run(changed);
    expect(after.ok && after.value.members[0]).not.toHaveProperty("warning");
    expect(ground.started[1]?.member).toMatchObject(change);
    expect((await ground.kept()).team).toEqual(changed);
  });
});

test("a member that the runtime has lost is told of with what to do", async () => {
  const ground = launchGround();
  const lost = { code: "agent-lost", message: "It runs on.", fix: "gatehouse stop shop/ana" };
  const sight = { id: "one", member: "ana", provider: "claude", folder: ground.at("trusted") } as const;
  const runtime = {
    start: async () => ({ ok: true, value: { id: "one" } }) as const,
    list: async () => [{ ...sight, ...lost, state: "lost" as const }],
  };
  const end = await ground.run(ground.team(), { runtime });
  expect(end).toMatchObject({ value: { members: [{ state: "lost", ...lost }], error: lost } });
});

describe("the team before this launch", () => {
  const prompted = (ground: LaunchGround, prompt: string) =>
    ground.team(ground.member("ana", "trusted", { prompt }));

  test("is in no journal, and nowhere else once the launch has ended", async () => {
    const ground = launchGround();
    await ground.run(prompted(ground, "sk-ant-one"));
    ground.agents.length = 0;
    await ground.run(prompted(ground, "sk-ant-two"));
    expect(textsOf(ground)).not.toContain("sk-ant");
    expect((await ground.kept()).team?.lead.prompt).toBe("sk-ant-two");
  });

  test("comes back where the launcher was killed, and where it was cancelled", async () => {
    const ground = launchGround();
    const before = prompted(ground, "one");
    await ground.run(before);
    ground.agents.length = 0;
    await expect(ground.run(prompted(ground, "two"), { breaksAt: "spawn" })).rejects.toThrow("broken off");
    expect((await ground.kept()).team?.lead.prompt).toBe("two");
    const cancelled = await ground.run(prompted(ground, "three"), { leavesAt: "spawn" });
    expect(cancelled).toMatchObject({ value: { launch: { state: "cancelled" } } });
    expect((await ground.kept()).team).toEqual(before);
    expect(textsOf(ground)).not.toContain(`"prompt"`);
  });
});

describe("a launch that was killed", () => {
  test("has an end after the next, also where its last line was torn", async () => {
    const ground = launchGround();
    const team = ground.team();
    await expect(ground.run(team, { breaksAt: "clear" })).rejects.toThrow("broken off");
    const [killed] = await ground.journals();
    const file = join(ground.dataDir, `launches/journals/${killed?.id}.jsonl`);
    expect(existsSync(file)).toBe(true);
    appendFileSync(file, `{"type":"member","member":"ana","state":"rea`);
    await ground.run(team);
    expect((await ground.kept()).ends).toEqual(["interrupted", "ready"]);
  });

  test("tells of the agents that it had started, and of no other", async () => {
    const ground = launchGround();
    const team = ground.team(ground.member("ana", "trusted"), ground.member("bo", "repo"));
    const scripts = { bo: { fails: { code: "cli-not-found", message: "There is no claude." } } };
    await expect(ground.run(team, { scripts, breaksAt: "settle" })).rejects.toThrow("broken off");
    await ground.run(team);
    const [killed] = await ground.journals();
    expect(lastOf(killed?.entries ?? [], "ended")?.error?.message).toMatch(/It had started ana: /);
  });
});
