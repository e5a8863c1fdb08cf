// @module-tag soak
import { chaosTests } from "./scenario.fixture.ts";

chaosTests({
  on: "a file",
  groups: 1,
  people: { telegram: 8 },
  messages: 250,
  faults: { "kill a host": 50, "break a call of Telegram": 240, "repeat updates of Telegram": 100 },
});
