import { expect, test } from "vitest";
import { serviceLabelOf, whoOf } from "./flags.ts";

test.each([
  { text: "telegram:7", who: { userId: "telegram:7" } },
  { text: "slack:T1:U2", who: { userId: "slack:T1:U2" } },
  { text: "discord:80351110224678912", who: { userId: "discord:80351110224678912" } },
  { text: "discord:7", who: { name: "discord:7" } },
  { text: "slack:T1", who: { name: "slack:T1" } },
  { text: "slack:t1:u2", who: { name: "slack:t1:u2" } },
  { text: "telegram:+7", who: { name: "telegram:+7" } },
  { text: "name:Ana", who: { name: "name:Ana" } },
  { text: "Ana", who: { name: "Ana" } },
  { text: "7", who: { name: "7" } },
  { text: "telegram:07", who: { name: "telegram:07" } },
  { text: "telegram:7x", who: { name: "telegram:7x" } },
  { text: "../7", who: { name: "../7" } },
])("whoOf reads $text", ({ text, who }) => expect(whoOf(text)).toEqual(who));

test.each(["gatehouse", "com.example.host-2", "gatehouse@ana.service"])(
  "serviceLabelOf accepts %s",
  (label) => expect(serviceLabelOf(label)).toBe(label),
);

test.each(["", "-f", "a b", "a/b", "a;b"])('serviceLabelOf refuses "%s"', (label) =>
  expect(() => serviceLabelOf(label)).toThrow("It is a label of launchd or a unit of systemd."),
);
