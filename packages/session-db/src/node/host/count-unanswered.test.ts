import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Libsql from "libsql";
import { expect, onTestFinished, test, vi } from "vitest";
import { inbound, projectionOf, start } from "../../testing/contract-case.ts";
import { pathsOf } from "../paths.ts";
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

test("neither history nor context that waits is read for it", async () => {
  const { folder, reader, host } = session();
  must(await host().project(projectionOf()));
  const file = new Libsql(pathsOf(folder).inbound);
  onTestFinished(() => void file.close());
  file.exec(`with recursive n(i) as (select 1 union all select i + 1 from n where i < 10100)
    insert into messages_in (id, seq, kind, timestamp, trigger, content)
      select 'c-' || i, i, 'chat', '${start}', i > 10099, '{}' from n`);
  const { prepare } = Libsql.prototype;
  const asked = vi.spyOn(Libsql.prototype, "prepare").mockImplementation(function (
    this: Libsql.Database,
    sql,
  ) {
    return prepare.call(this, sql);
  } as typeof prepare);
  onTestFinished(() => asked.mockRestore());
  expect(must(await countUnanswered(folder, reader))).toEqual({ count: 1, oldest: start });
  const [sql = ""] = asked.mock.calls.flat().filter((each) => each.includes("messages_in"));
  const plan = file.prepare(`explain query plan ${sql}`).all(1) as { detail: string }[];
  expect(plan.map(({ detail }) => detail)).toEqual([
    expect.stringMatching(/^SEARCH messages_in USING INDEX messages_in_next \(trigger=\?\)$/),
  ]);
});

test("a file that is none of ours is no count", async () => {
  const { folder, reader, host } = session();
  must(await host().project(projectionOf()));
  writeFileSync(join(folder, "in", "inbound.db"), "no database".repeat(100));
  expect(await countUnanswered(folder, reader)).toMatchObject({ ok: false, error: { code: "unreadable" } });
});
