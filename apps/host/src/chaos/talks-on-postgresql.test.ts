// @module-tag soak
import { mixes } from "./load.fixture.ts";
import { chaosTests } from "./scenario.fixture.ts";

chaosTests({
  on: "PostgreSQL",
  groups: 4,
  people: { local: 5 },
  messages: 30,
  mix: mixes.requests,
  faults: { "kill a host": 2, "kill an agent": 6, "restart a group": 3 },
});
