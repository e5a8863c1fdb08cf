// @module-tag soak
import { chaosTests } from "./scenario.fixture.ts";

chaosTests({
  on: "PostgreSQL",
  hosts: 2,
  groups: 1,
  people: { slack: 6 },
  messages: 40,
  faults: {
    "kill a host": 10,
    "stop a host for a while": 4,
    "break a call of Slack": 30,
    "end a socket of Slack": 16,
  },
});
