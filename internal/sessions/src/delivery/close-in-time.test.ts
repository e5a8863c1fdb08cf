import type { ToChat } from "@gatehouse/channels";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { pause } from "@gatehouse/fs-kit";
import { expect, test } from "vitest";
import { install, said, says, until } from "../session-bed.fixture.ts";
import { talking } from "./talking.fixture.ts";

const count = 400;

test("a host that closes leaves messages that are not sent yet to the next one, which sends them once", async () => {
  const bed = await talking();
  let isSlow = true;
  const { channel, running } = bed;
  const { send } = channel;
  const slowly = async (message: ToChat) => {
    if (isSlow) await pause(10);
    return send(message);
  };
  Object.assign(channel, { send: slowly });
  const ids = Array.from({ length: count }, (_, index) => `o-${index}`);
  await says(bed.agent(bed.sessionId), ...ids.map((id) => said(id)));
  await until(() => expect(channel.sent.length).toBeGreaterThan(5));
  await running.close();
  expect(channel.sent.length).toBeLessThan(count);
  isSlow = false;
  await bed.host({ runtime: fakeRuntime({ install }).runtime });
  await until(() => expect(channel.sent).toHaveLength(count));
  expect(channel.sent.map(({ id }) => id)).toEqual(ids);
  expect([...channel.calls.values()].every((calls) => calls === 1)).toBe(true);
});

test("what an agent wrote last is still sent when its host closes", async () => {
  const bed = await talking();
  await says(bed.agent(bed.sessionId), said("o-1"), said("o-2"));
  await bed.running.close();
  expect(bed.channel.sent.map(({ id }) => id)).toEqual(["o-1", "o-2"]);
});
