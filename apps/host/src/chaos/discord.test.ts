// @module-tag soak
import { chaosTests } from "./scenario.fixture.ts";

chaosTests({
  on: "a file",
  groups: 1,
  people: { discord: 8 },
  messages: 250,
  faults: { "kill a host": 50, "break a call of Discord": 240, "end a socket of Discord": 60 },
});
