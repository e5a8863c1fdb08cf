// @module-tag soak
import { mixes } from "./load.fixture.ts";
import { chaosTests } from "./scenario.fixture.ts";

// A worker runs the tests of a file one after the other: each file here takes some minutes, and has the scenarios of one place.
chaosTests({
  on: "a file",
  groups: 4,
  people: { local: 5 },
  messages: 150,
  mix: mixes.requests,
  faults: { "kill a host": 5, "kill an agent": 12, "restart a group": 5 },
});
