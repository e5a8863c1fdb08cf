// @module-tag soak
import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { newAddress, temporaryFolder } from "@gatehouse/central-database/testing";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { chancesFrom } from "../chaos/random.fixture.ts";
import { spawnHost, type HostProcess } from "../up/host.fixture.ts";
import { run, runWith } from "../up/run.fixture.ts";
import { transcriptProblems } from "./run-problems.fixture.ts";
import { centralRowsIn } from "./session-rows.fixture.ts";
import { settled } from "./settled.fixture.ts";
import { openTalks } from "./talk.fixture.ts";
import { askOnce } from "./town.fixture.ts";

const { gatehouse } = inject("programs");
const seed = Number(process.env["GATEHOUSE_SEED"] ?? Date.now() % 1_000_000);
const [groupCount, peopleCount, messages, kills] = [4, 5, 20, 8];

const why =
  process.env["GATEHOUSE_TEST_POSTGRES"] === undefined
    ? "without GATEHOUSE_TEST_POSTGRES"
    : spawnSync("ip", ["netns", "list"]).status !== 0 || process.geteuid?.() !== 0
      ? "without the right to make network namespaces"
      : null;

const until = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { interval: 50 });

/**
 * A place for a host, as another machine is one: a network of its own, and no folder of the other host. The hosts reach
 * PostgreSQL at its Unix socket.
 */
const placeFor = (name: string, hidden: string): readonly string[] => {
  const space = `gh-${process.pid}-${name}`;
  execFileSync("ip", ["netns", "add", space]);
  onTestFinished(() => void spawnSync("ip", ["netns", "delete", space]));
  const hide = 'mount -t tmpfs none "$1" && shift && exec "$@"';
  return ["ip", "netns", "exec", space, "sh", "-c", hide, "sh", hidden];
};

test.skipIf(why !== null)(
  `two hosts in two places share one PostgreSQL (${why === null ? "" : `skipped ${why}, `}GATEHOUSE_SEED=${seed}): in ${groupCount * peopleCount} conversations and ${kills} kills each message is answered once`,
  { timeout: 900_000 },
  async () => {
    const chances = chancesFrom(seed);
    const schema = (await newAddress()) ?? expect.fail("there is no server");
    onTestFinished(schema.drop);
    const database = schema.address;
    const folders = [temporaryFolder(), temporaryFolder()] as const;
    const [keyOfOne, keyOfOther] = [join(temporaryFolder(), "key"), join(temporaryFolder(), "key")];
    writeFileSync(keyOfOne, randomBytes(32).toString("base64url"), { mode: 0o600 });
    copyFileSync(keyOfOne, keyOfOther);
    const places = [
      { dataDir: folders[0], keyFile: keyOfOne, within: placeFor("one", folders[1]) },
      { dataDir: folders[1], keyFile: keyOfOther, within: placeFor("two", folders[0]) },
    ] as const;
    const people = Array.from({ length: peopleCount }, (_, index) => `local:person${index}`);
    const owner = ["--owner", people[0] ?? "", "--data", folders[0], "--database", database.url];
    run(gatehouse, "init", "--name", "group0", "--folder", "group0", ...owner);
    const begin = (at: 0 | 1): HostProcess => {
      const { dataDir, keyFile, within } = places[at];
      return spawnHost(
        dataDir,
        ["--yes"],
        { GATEHOUSE_DATABASE: database.url, GATEHOUSE_KEY_FILE: keyFile },
        within,
      );
    };
    const hosts = [begin(0), begin(1)] as [HostProcess, HostProcess];
    onTestFinished(async () => {
      for (const { child } of hosts) child.kill("SIGTERM");
      await Promise.all(hosts.map(({ ended }) => ended));
    });
    await Promise.all(hosts.map((host) => host.ready()));

    // Groups and people are made at the first host.
    const groups = Array.from({ length: groupCount }, (_, index) => `group${index}`);
    const ask = async (command: string, args: object): Promise<void> =>
      expect(await askOnce(hosts[0].socket, { id: "1", command, args })).toMatchObject({ ok: true });
    for (const name of groups.slice(1)) await ask("groups-create", { name, folder: name });
    for (const id of people.slice(1)) await ask("users-create", { id, kind: "local" });
    for (const id of groups) {
      await ask("groups-config-update", { id, provider: "echo" });
      for (const user of people.slice(1)) await ask("members-add", { group: id, user });
    }
    const half = Math.ceil(people.length / 2);
    const towns = [people.slice(0, half), people.slice(half)].map((own, at) =>
      openTalks({ chatSocket: join(folders[at] ?? "", "chat.sock"), groups, people: own }, () => {}),
    );
    const talks = towns.flatMap(({ all }) => all);
    await Promise.all(talks.map(({ welcomed }) => welcomed));
    const [atOther] = towns[1]?.all.filter(({ group }) => group === "group1") ?? [];
    atOther?.say("the first word");
    await until(() => expect(atOther?.answered()).toBe(1));
    expect(run(gatehouse, "logs", "-n", "1000", "--data", folders[1])).toContain(" container-started ");

    // A key that is set at one host is the other's.
    runWith("sk-ant-planted\n", gatehouse, "secrets", "set", "anthropic", "--data", folders[0]);
    const keys = join(folders[1], "secrets.json");
    await until(() => expect(existsSync(keys) ? readFileSync(keys, "utf8") : "").toContain("sk-ant-planted"));

    for (const talk of talks)
      for (let index = 0; index < messages; index += 1)
        talk.say(chances.below(20) === 0 ? `/slow ${chances.below(200)}` : `${talk.group} ${index}`);
    const answered = (): number => talks.reduce((sum, talk) => sum + talk.answered(), 0);
    const all = talks.length * messages + 1;
    const strikes = Array.from({ length: kills }, () => chances.below(all)).toSorted((a, b) => a - b);
    for (const after of strikes) {
      await vi.waitFor(() => expect(answered()).toBeGreaterThanOrEqual(after), {
        timeout: 240_000,
        interval: 5,
      });
      const at = chances.below(2) === 0 ? 0 : 1;
      hosts[at].child.kill("SIGKILL");
      await hosts[at].ended;
      hosts[at] = begin(at);
      await hosts[at].ready();
    }
    await vi.waitFor(() => expect(answered()).toBe(all), { timeout: 240_000, interval: 50 });
    await settled({ dataDir: folders[0], database });
    const central = await centralRowsIn({ dataDir: folders[0], database });
    expect(transcriptProblems(central)).toEqual([]);
    const status = JSON.parse(
      run(gatehouse, "status", "--json", "--data", folders[0], "--database", database.url),
    ) as { readonly hosts: readonly { readonly isHeard: boolean; readonly sessions: number }[] };
    expect(status.hosts.map(({ isHeard }) => isHeard)).toEqual([true, true]);
    console.log(
      `two places: ${all} messages, ${kills} kills, seed ${seed}: ${JSON.stringify(status.hosts.map(({ sessions }) => sessions))}`,
    );
  },
);
