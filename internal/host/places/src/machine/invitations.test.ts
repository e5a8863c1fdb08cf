import { expect, test } from "vitest";
import { invitationIn, invitationText } from "./invitation.ts";
import { codeMs, invitations } from "./invitations.ts";

test("a code ends after ten minutes, and one of a millisecond less does not", () => {
  let now = 0;
  const { invite, groupOf, end } = invitations(() => now);
  const [late, early] = [invite("ag-1"), invite("ag-2")];
  now = codeMs - 1;
  expect(groupOf(early)).toBe("ag-2");
  end("ag-2");
  expect(groupOf(early)).toBeNull();
  now = codeMs;
  expect(groupOf(late)).toBeNull();
});

const whole = {
  address: "tls://ada.example:7443",
  pin: `sha256/${"A".repeat(43)}`,
  code: "c".repeat(32),
};

test("the text of an invitation is one word, and gives the invitation back", () => {
  const text = invitationText(whole);
  expect(text).toMatch(/^[\w-]+$/);
  expect(invitationIn(text)).toMatchObject({ ...whole, place: { host: "ada.example", port: 7443 } });
  expect(invitationIn(` ${text}\n`)).not.toBeNull();
  expect(invitationIn(invitationText({ ...whole, pin: null }))).toMatchObject({ pin: null });
});

test.for([
  ["nothing", ""],
  ["a word", "ana"],
  ["a text without its end", invitationText(whole).slice(0, -4)],
  ["a text without its beginning", invitationText(whole).slice(4)],
  ["a Unix socket", invitationText({ ...whole, address: "unix:/run/a.sock" })],
  ["plain TCP", invitationText({ ...whole, address: "tcp://ada.example:7443" })],
  ["a pin of another kind", invitationText({ ...whole, pin: "md5/abc" })],
] as const)("%s is no invitation", ([, text]) => expect(invitationIn(text)).toBeNull());
