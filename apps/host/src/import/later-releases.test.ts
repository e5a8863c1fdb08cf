import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { changeDatabase, imported, nanoclawFolder } from "./nanoclaw.fixture.ts";

const research = "3f2a0e4c-9d1b-4c55-8a77-5b1f0c2d9e10";

test("import names columns of 2.1 to 2.4 that it does not take, and prints none of their values", async () => {
  const folder = nanoclawFolder("2.0.48");
  await changeDatabase(
    folder,
    "alter table container_configs add column env text not null default '{}'",
    "alter table container_configs add column blocked_hosts text not null default '[]'",
    "alter table container_configs add column speed text",
    "alter table messaging_groups add column instance text",
    "alter table messaging_group_agents add column threads integer",
    `update container_configs set env = '{"TOKEN":"s3cret"}', blocked_hosts = '["x.example"]' where agent_group_id = '${research}'`,
    "update messaging_groups set instance = channel_type",
    "update messaging_groups set instance = 'work' where channel_type = 'discord'",
    "update messaging_group_agents set threads = 0",
  );
  const dataDir = temporaryFolder();
  const { configurations, notTaken } = await imported(dataDir, folder);
  const { db } = await openedCentral(dataDir);
  expect(
    await db.selectFrom("messaging_groups").select(["channel_type", "instance"]).distinct().execute(),
  ).toEqual(
    expect.arrayContaining([
      { channel_type: "discord", instance: "work" },
      { channel_type: "telegram", instance: "" },
    ]),
  );
  expect(notTaken.map(({ what, count }) => `${what} ${count}`)).toEqual(
    expect.arrayContaining([
      "container_configs.env 1",
      "container_configs.blocked_hosts 1",
      "messaging_group_agents.threads 5",
    ]),
  );
  expect(JSON.stringify(notTaken)).not.toMatch(/instance|speed/);
  expect(JSON.stringify({ configurations, notTaken })).not.toContain("s3cret");
});

test.for([{ release: "2.0.45" }, { release: "2.0.48" }] as const)(
  "import of $release takes only mounts that this host allows, and ignores nanoclaw's own image",
  async ({ release }) => {
    const [dataDir, folder] = [temporaryFolder(), nanoclawFolder(release)];
    const mounts = ["good", "other"].map((name) => join(folder, name));
    for (const path of mounts) mkdirSync(path);
    const additional = mounts.map((hostPath) => ({ hostPath, readonly: false }));
    const image = `nanoclaw-agent-v2-1a2b:${research}`;
    if (release === "2.0.45")
      writeFileSync(
        join(folder, "groups", "research", "container.json"),
        JSON.stringify({ imageTag: image, additionalMounts: additional }),
      );
    else
      await changeDatabase(
        folder,
        `update container_configs set image_tag = '${image}', additional_mounts = '${JSON.stringify(additional)}' where agent_group_id = '${research}'`,
      );
    writeFileSync(
      join(dataDir, "mounts.json"),
      JSON.stringify({
        v: 1,
        hasGroups: true,
        folders: [{ path: join(folder, "good"), access: "write" }],
      }),
      { mode: 0o600 },
    );
    const { configurations } = await imported(dataDir, folder);
    const { db } = await openedCentral(dataDir);
    const [saved] = await db
      .selectFrom("container_configs")
      .select(["image_tag", "additional_mounts"])
      .where("agent_group_id", "=", research)
      .execute();
    expect({ ...saved, additional_mounts: JSON.parse(String(saved?.additional_mounts)) as unknown }).toEqual({
      image_tag: null,
      additional_mounts: [
        { hostPath: join(folder, "good"), containerPath: "/workspace/extra/good", readonly: false },
      ],
    });
    const lines = configurations.join("\n");
    for (const part of [`${join(folder, "other")}: it is not in a folder`, "nanoclaw built that image"])
      expect(lines).toContain(part);
  },
);
