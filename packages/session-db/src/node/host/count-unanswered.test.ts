import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inbound, projectionOf, start } from "../../testing/contract-case.ts";
import { must, session } from "../session.fixture.ts";
import { countUnanswered } from "./count-unanswered.ts";

test("messages that want an answer are counted until their end is the host's, and others never", async () => {
  const { folder, reader, host, agent } = session();
  expect(must(await countUnanswered(folder, reader))).toEqual({ count: 0, oldest: null });
  const [one, other] = [host(), agent()];
  must(await one.project(projectionOf()));
  const system = inbound("system", { kind: "system", trigger: false });
  must(await one.send([inbound("a"), inbound("b"), inbound("context", { trigger: false }), system]));
  expect(must(await countUnanswered(folder, reader))).toEqual({ count: 2, oldest: start });
  const acknowledgements = [{ id: "a", status: "completed", reason: null }] as const;
  must(await other.commit({ acknowledgements, messages: [], now: start }));
  must(await one.state(start));
  expect(must(await countUnanswered(folder, reader))).toMatchObject({ count: 1 });
});

test("a file that is none of ours is no count", async () => {
  const { folder, reader, host } = session();
  must(await host().project(projectionOf()));
  writeFileSync(join(folder, "in", "inbound.db"), "no database".repeat(100));
  expect(await countUnanswered(folder, reader)).toMatchObject({ ok: false, error: { code: "unreadable" } });
});
