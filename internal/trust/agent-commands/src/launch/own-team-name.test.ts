import { expect, test } from "vitest";
import { ownTeamName } from "./own-team-name.ts";

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
