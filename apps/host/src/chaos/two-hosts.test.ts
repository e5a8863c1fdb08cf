// @module-tag soak
import { join } from "node:path";
import { expect, inject, vi } from "vitest";
import { run, runWith } from "../up/run.fixture.ts";
import { mixes } from "./load.fixture.ts";
import { networks } from "./places.fixture.ts";
import { textOf } from "./processes.fixture.ts";
import { chaosTests } from "./scenario.fixture.ts";
import type { World } from "./world.fixture.ts";

const { gatehouse } = inject("programs");
const until = <T>(check: () => T): Promise<T> => vi.waitFor(check, { interval: 50 });
const foldersOf = ({ place: { folders } }: World): [string, string] => [folders[0] ?? "", folders[1] ?? ""];

chaosTests({
  what: "in two places",
  on: "PostgreSQL",
  place: networks,
  hosts: 2,
  groups: 4,
  people: { local: 5 },
  messages: 20,
  mix: mixes.slow(50, 200),
  faults: { "kill a host": 8 },
  atStart: async (world) => {
    const [one, other] = foldersOf(world);
    const atOther = world.talks.find(({ group, person }) => group === "group1" && person === "local:person4");
    atOther?.say("the first word");
    await until(() => expect(atOther?.answered()).toBe(1));
    expect(run(gatehouse, "logs", "-n", "1000", "--data", other)).toContain(" container-started ");
    // A key that is set at one host is the other's.
    runWith("sk-ant-planted\n", gatehouse, "secrets", "set", "anthropic", "--data", one);
    const keys = join(other, "secrets.json");
    await until(() => expect(textOf(keys)).toContain("sk-ant-planted"));
  },
  atRest: async (world) => {
    const words = ["--json", "--data", world.dataDir, "--database", world.database?.url ?? ""];
    const { hosts } = JSON.parse(run(gatehouse, "status", ...words)) as {
      readonly hosts: readonly { readonly isHeard: boolean; readonly sessions: number }[];
    };
    expect(hosts.map(({ isHeard }) => isHeard)).toEqual([true, true]);
    console.log(`sessions of two places: ${JSON.stringify(hosts.map(({ sessions }) => sessions))}`);
  },
});
