// @module-tag soak
import { explain } from "@nc/container-runtime";
import { probeSandbox } from "@nc/container-runtime/node";
import { mixes } from "./load.fixture.ts";
import { sandboxes } from "./places.fixture.ts";
import { chaosTests } from "./scenario.fixture.ts";

const probed = await probeSandbox();

chaosTests({
  what: "in sandboxes",
  on: "a file",
  place: { why: probed.ok ? null : explain(probed.error), make: sandboxes },
  groups: 4,
  people: { local: 5 },
  messages: 60,
  mix: mixes.requests,
  faults: { "kill a host": 30, "kill an agent": 70, "restart a group": 10 },
});
