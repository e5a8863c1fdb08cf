import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** The numbers of docs/compatible.md, by the first words of its rows. */
const stated = new Map(
  [...read("docs/compatible.md").matchAll(/^\| ([^|]+?) +\| (\d+) +\|/gm)].map(([, what, number]) => [
    what,
    Number(number),
  ]),
);

const numbers = [
  [
    "the central database",
    "internal/host/central-database/src/migrations/index.ts",
    /"0*(\d+)-[\w-]+": \w+ \}/,
  ],
  ["a backup", "internal/host/backup/src/manifest.ts", /formatNumber = (\d+)/],
  [
    "`secrets.json`, `mcp-secrets.json`, `messengers.json`",
    "internal/foundation/fs-kit/src/private-file.ts",
    /v === (\d+)/,
  ],
  ["`prices.json`", "internal/host/gateway/src/prices/price-table.ts", /v: z\.literal\((\d+)\)/],
  [
    "`providers.json`",
    "internal/host/agent-clis/src/own-providers.ts",
    /strictObject\(\{ v: z\.literal\((\d+)\), providers/,
  ],
  ["`mounts.json`", "internal/host/mounts/src/allow-list.ts", /v: z\.literal\((\d+)\)/],
  ["`consents.jsonl`", "packages/preflight/src/ledger.ts", /value\.v === (\d+)/],
  ["the record of a held agent", "internal/foundation/held-client/src/records/held-state.ts", /v === (\d+)/],
  [
    "the artifact of a failed launch",
    "packages/team-launch/src/artifact/launch-artifact.ts",
    /version: (\d+)/,
  ],
  ["a host and a runner", "internal/host/wire/src/frames.ts", /wireVersion = (\d+)/],
  [
    "a host and `gatehouse chat` (`chat.sock`)",
    "internal/host/channels/src/local/frames.ts",
    /chatVersion = (\d+)/,
  ],
  [
    "a host and `gatehouse machine run`",
    "internal/host/places/src/machine/frames.ts",
    /machineVersion = (\d+)/,
  ],
  [
    "a client and a held agent (`ps`, `send`, `attach`)",
    "internal/trust/agents/src/holder/control-socket.ts",
    /protocolVersion = (\d+)/,
  ],
] as const;

test.for(numbers)("docs/compatible.md has the number of %s", ([what, file, number], { task }) => {
  const found = number.exec(read(file))?.[1];
  expect(found, `${task.name}: no number in ${file}`).toBeDefined();
  expect(stated.get(what)).toBe(Number(found));
});

test("docs/compatible.md has no number besides these", () => {
  expect([...stated.keys()].toSorted()).toEqual(numbers.map(([what]) => what).toSorted());
});
