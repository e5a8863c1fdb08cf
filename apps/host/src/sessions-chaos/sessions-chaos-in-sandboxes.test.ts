// @module-tag soak
import { explain } from "@nc/container-runtime";
import { probeSandbox } from "@nc/container-runtime/node";
import { test } from "vitest";
import { sessionsChaos } from "./sessions-chaos.fixture.ts";
import { sandboxWorkers } from "./workers.fixture.ts";

const { what, options, run } = sessionsChaos({
  groups: 4,
  people: 5,
  messages: 60,
  strikes: { host: 30, runner: 70, restart: 10 },
});

const probed = await probeSandbox();
// A hundred restarts take longer than the few of the other runs.
test(`in sandboxes: ${what}`, { ...options, timeout: 1_800_000 }, async ({ skip }) => {
  skip(!probed.ok, probed.ok ? "" : explain(probed.error));
  await run(null, sandboxWorkers);
});
