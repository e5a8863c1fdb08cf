import { tmpdir } from "node:os";
import type { Io } from "@gatehouse/cli-kit";
import { expect, test } from "vitest";
import { readRequest, ownTeamName } from "./read-request.ts";

test("readRequest names the missing flag for a folder in place of a team file", async () => {
  const io = { cwd: tmpdir(), env: { HOME: tmpdir() } } as unknown as Io;
  expect(await readRequest(".", { consent: {}, provider: [], cli: {} } as never, io)).toMatchObject({
    error: { code: "team-file-unreadable", message: `${tmpdir()} is a folder.`, fix: "add --agents N" },
  });
});

const long = "x".repeat(64);

test.for([
  { name: "shop", running: [], own: "shop" },
  { name: "shop", running: ["dock", "shop-2"], own: "shop" },
  { name: "shop", running: ["shop"], own: "shop-2" },
  { name: "shop", running: ["shop", "shop-2", "shop-4"], own: "shop-3" },
  { name: long, running: [long], own: `${"x".repeat(62)}-2` },
])("ownTeamName returns $own while $running run", ({ name, running, own }) =>
  expect(ownTeamName(name, new Set(running))).toBe(own),
);
