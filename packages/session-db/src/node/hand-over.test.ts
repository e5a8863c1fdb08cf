import {
  chownSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { handOverSession } from "./hand-over.ts";
import { pathsOf, type SessionPaths } from "./paths.ts";
import { must, session } from "./session.fixture.ts";
import { answer as said, at, message, projection } from "./session-messages.fixture.ts";

/** What a container says of one message. */
const answer = (id: string) => ({
  acknowledgements: [{ id, status: "completed", reason: null } as const],
  messages: [said(`re-${id}`)],
  now: at,
});

/** A session with one message that an agent of the host's account has answered, and ended. */
const answered = async () => {
  const bed = session();
  const paths = pathsOf(bed.folder);
  const host = bed.host();
  must(await host.project(projection(1)));
  must(await host.send([message("m-1")]));
  const first = bed.agent();
  must(await first.receive({ isFirst: true, limit: 10, now: at }));
  must(await first.commit(answer("m-1")));
  must(await first.set("conversation", "c-1", at));
  await first.heartbeat();
  await first.close();
  return { ...bed, paths, host };
};

const handOver = async (...to: Parameters<typeof handOverSession>) => {
  const done = await handOverSession(...to);
  return done.ok ? done : { ok: false as const, error: { code: "unwritable" as const, message: done.error } };
};

const mode = (path: string): number => lstatSync(path).mode & 0o7777;

const partsOf = (paths: SessionPaths): readonly string[] => [
  ...[paths.in, paths.out, paths.inbound],
  ...[paths.inDoorbell, paths.outDoorbell],
];

describe("a session that goes to another account", () => {
  test("keeps what the last container wrote: nothing is lost, and nothing comes twice", async () => {
    const { folder, paths, host, agent } = await answered();
    must(await handOver(folder, "ada"));
    expect(partsOf(paths).map(mode)).toEqual([0o755, 0o1777, 0o644, 0o644, 0o666]);
    // The host reads before the next container has copied it: there is nothing, and nothing is taken for
    // lost.
    expect(readdirSync(paths.out)).toEqual(["doorbell", "outbox"]);
    // Other accounts may neither list it nor replace what is in it.
    expect(mode(paths.outbox)).toBe(0o1733);
    expect(must(await host.receive({ limit: 10, now: at }))).toEqual([]);
    expect(must(await host.state(at))).toMatchObject({ due: 1, claims: [] });
    must(await host.project(projection(2)));
    const next = agent();
    expect(must(await next.get("conversation"))).toBe("c-1");
    expect(must(await next.receive({ isFirst: true, limit: 10, now: at }))).toEqual([]);
    const answers = must(await host.receive({ limit: 10, now: at }));
    expect(answers.map(({ id }) => id)).toEqual(["re-m-1"]);
    must(await host.send([message("m-2")]));
    must(await next.commit(answer("m-2")));
    expect(must(await host.receive({ limit: 10, now: at })).map(({ id }) => id)).toEqual([
      "re-m-1",
      "re-m-2",
    ]);
  });

  test("is closed to others again when it comes back", async () => {
    const { folder, paths, agent } = await answered();
    must(await handOver(folder, "ada"));
    const next = agent();
    must(await next.get("conversation"));
    await next.close();
    must(await handOver(folder, null));
    expect(partsOf(paths).map(mode)).toEqual([0o700, 0o700, 0o600, 0o600, 0o600]);
    expect(must(await agent().get("conversation"))).toBe("c-1");
    expect(mode(paths.outbound)).toBe(0o600);
  });

  test("is left alone where the account is the last one's", async () => {
    const { folder, paths } = await answered();
    const { ino } = lstatSync(paths.outbound);
    must(await handOver(folder, null));
    expect(lstatSync(paths.outbound).ino).toBe(ino);
    expect(existsSync(paths.handedOver)).toBe(false);
  });

  test("gives nobody a file of the host that an agent has put a link to", async () => {
    const { folder } = session();
    const paths = pathsOf(folder);
    must(await handOver(folder, "ada"));
    writeFileSync(join(folder, "secret"), "of the host");
    symlinkSync(join(folder, "secret"), paths.outbound);
    must(await handOver(folder, "bo"));
    expect(existsSync(paths.handedOver)).toBe(false);
    expect(readFileSync(join(folder, "secret"), "utf8")).toBe("of the host");
  });

  test("a container of another account makes a file that the host may read, whatever the umask", async ({
    skip,
  }) => {
    if (process.getuid?.() !== 0) skip("needs root: it gives a folder away");
    const { folder, host, agent } = session();
    const paths = pathsOf(folder);
    must(await handOver(folder, "ada"));
    must(await host().project(projection(1)));
    // As if this process were the other account.
    chownSync(paths.in, 1, 1);
    const before = process.umask(0o077);
    try {
      must(await agent().projection());
    } finally {
      process.umask(before);
    }
    expect(mode(paths.outbound)).toBe(0o644);
  });
});
