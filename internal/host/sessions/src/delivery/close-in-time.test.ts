import type { ToChat } from "@gatehouse/channels";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { pause } from "@gatehouse/fs-kit";
import { expect, test } from "vitest";
import { install, said, says, until } from "../session.fixture.ts";
import { talking } from "./talking.fixture.ts";

const count = 400;

test("a closing host leaves unsent messages to the next one, which sends them once", async () => {
  const fixture = await talking();
  let isSlow = true;
  const { channel, running } = fixture;
  const { send } = channel;
  const slowly = async (message: ToChat) => {
    if (isSlow) await pause(10);
    return send(message);
  };
  Object.assign(channel, { send: slowly });
  const ids = Array.from({ length: count }, (_, index) => `o-${index}`);
  await says(fixture.agent(fixture.sessionId), ...ids.map((id) => said(id)));
  await until(() => expect(channel.sent.length).toBeGreaterThan(5));
  await running.close();
  expect(channel.sent.length).toBeLessThan(count);
  isSlow = false;
  await fixture.host({ runtime: fakeRuntime({ install }).runtime });
  await until(() => expect(channel.sent).toHaveLength(count));
  expect(channel.sent.map(({ id }) => id)).toEqual(ids);
  expect([...channel.calls.values()].every((calls) => calls === 1)).toBe(true);
});

test("an agent's last message is still sent when its host closes", async () => {
  const fixture = await talking();
  await says(fixture.agent(fixture.sessionId), said("o-1"));
  await fixture.running.close();
  expect(fixture.channel.sent.map(({ id }) => id)).toEqual(["o-1"]);
});
