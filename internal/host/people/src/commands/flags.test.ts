import { expect, test } from "vitest";
import { labelProblem, whoOf } from "./flags.ts";

test.each([
  { text: "telegram:7", who: { telegramId: 7 } },
  { text: "Ana", who: { name: "Ana" } },
  { text: "7", who: { name: "7" } },
  { text: "telegram:07", who: { name: "telegram:07" } },
  { text: "telegram:7x", who: { name: "telegram:7x" } },
  { text: "../7", who: { name: "../7" } },
])("whoOf reads $text", ({ text, who }) => expect(whoOf(text)).toEqual(who));

test.each([
  { label: "gatehouse", is: true },
  { label: "com.example.host-2", is: true },
  { label: "gatehouse@ana.service", is: true },
  { label: "", is: false },
  { label: "-f", is: false },
  { label: "a b", is: false },
  { label: "a/b", is: false },
  { label: "a;b", is: false },
])('the service label "$label" is accepted: $is', ({ label, is }) =>
  expect(labelProblem(label) === null).toBe(is),
);
