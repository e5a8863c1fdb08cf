// @module-tag soak
import { chaosTests } from "./scenario.fixture.ts";

chaosTests({
  on: "PostgreSQL",
  hosts: 2,
  groups: 1,
  people: { telegram: 6 },
  messages: 100,
  faults: {
    "kill a host": 16,
    "stop a host for a while": 4,
    "break a call of Telegram": 72,
    "repeat updates of Telegram": 30,
  },
});
