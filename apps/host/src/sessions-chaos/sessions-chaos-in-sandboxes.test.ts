// @module-tag soak
import { explain } from "@nc/container-runtime";
import { probeSandbox } from "@nc/container-runtime/node";
import { test } from "vitest";
import { sessionsChaos } from "./sessions-chaos.fixture.ts";
import { sandboxWorkers } from "./workers.fixture.ts";

const { what, options, run } = sessionsChaos({
  groups: 4,
  people: 5,
  messages: 150,
  strikes: { host: 30, runner: 70, restart: 10 },
});

const probed = await probeSandbox();
test(`in sandboxes: ${what}`, options, async ({ skip }) => {
  skip(!probed.ok, probed.ok ? "" : explain(probed.error));
  await run(null, sandboxWorkers);
});
