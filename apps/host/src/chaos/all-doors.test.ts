// @module-tag soak
import { chaosTests, type Scenario } from "./scenario.fixture.ts";

const people = { local: 2, console: 2, telegram: 2 };
const faults = {
  "kill a host": 6,
  "kill an agent": 6,
  "restart a group": 2,
  "break a call of Telegram": 20,
  "repeat updates of Telegram": 8,
};
const scenario: Scenario = { on: "a file", groups: 2, people, messages: 40, faults };

chaosTests(
  scenario,
  { ...scenario, on: "PostgreSQL" },
  { ...scenario, on: "PostgreSQL", hosts: 2, faults: { ...faults, "stop a host for a while": 2 } },
);
