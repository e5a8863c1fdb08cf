// @module-tag soak
import { mixes } from "./load.fixture.ts";
import { disk } from "./places.fixture.ts";
import { chaosTests } from "./scenario.fixture.ts";

chaosTests({
  what: "on a disk of our own",
  on: "a file",
  place: disk,
  groups: 2,
  people: { local: 3 },
  messages: 100,
  mix: mixes.requests,
  faults: { "cut the power": 6, "restart a group": 2 },
});
